import { describe, expect, it } from 'vitest';
import { readTouch } from '../src/page/touch.ts';

const ORIGIN = 'https://shop.example';

describe('how somebody came to a page', () => {
  it('is the identifiers of ad platforms in the address, and no other parameter that ends like one', () => {
    const ids = [
      'gclid=a&gbraid=b&wbraid=c&dclid=d&yclid=1&ymclid=2&fbclid=e&ttclid=f&twclid=g&msclkid=h&ScCid=i&rdt_cid=j&li_fat_id=k',
      'rb_clickid=l&vkclid=m',
    ].join('&');
    expect(readTouch(`?${ids}`, '', ORIGIN).ad_query).toBe(ids);
    for (const name of ['id', 'cid', 'client_id', 'product_id', 'paid', 'email', 'token', 'sid', 'guid'])
      expect(readTouch(`?${name}=secret`, '', ORIGIN), name).toEqual({ query: undefined, ad_query: undefined, referrer: undefined });
  });

  it('is the utm_* as they stand, and the referrer without query where it is another site', () => {
    expect(readTouch('?utm_source=a%20b&x=1&UTM_TERM=c&utm_medium=', 'https://www.google.com/search?q=secret', ORIGIN)).toEqual({
      query: 'utm_source=a%20b&UTM_TERM=c',
      ad_query: undefined,
      referrer: 'https://www.google.com/search',
    });
    expect(readTouch('', `${ORIGIN}/cart`, ORIGIN).referrer).toBeUndefined();
  });
});
