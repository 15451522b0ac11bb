import type { Finding } from './finding.ts';

/** A dialog stands on a page: elsewhere the setting would do nothing, and somebody would look for it there. */
export function widgetFindings(placements: Readonly<Record<string, unknown>>): readonly Finding[] {
  return Object.entries(placements).flatMap(([name, value]): readonly Finding[] => {
    if (typeof value !== 'object' || value === null || !('widget' in value) || !('kind' in value)) return [];
    if (value.kind === 'site' || typeof value.kind !== 'string') return [];
    return [{ path: ['placements', name, 'widget'], message: 'belongs to placements of kind site: it is a dialog on their pages' }];
  });
}
