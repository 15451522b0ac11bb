import type { ClickTouchpoint } from '../domain/touchpoint.ts';

/** What a touchpoint says beside its kind. */
export type TouchpointEnvelope = Pick<ClickTouchpoint, 'offset' | 'workspace' | 'account' | 'eventTimeMs' | 'observedAtMs'>;
