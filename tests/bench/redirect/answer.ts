/** Headers of a redirect as ingest answers it. */
export const ANSWER_HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  location: 'https://wa.me/14155550100?text=Hello!%20I%20saw%20your%20offer%20(request%20no.%20K7QM2-X9PRT)',
  'content-length': '0',
};
