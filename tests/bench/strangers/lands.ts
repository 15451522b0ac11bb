/** Where people live: enough of the world to confuse one country with another. Shares are made up. */
export interface Land {
  readonly country: string;
  /** Hours ahead of UTC. */
  readonly zone: number;
  readonly regions: readonly (readonly [name: string, share: number])[];
  /** What is spoken at home. */
  readonly languages: readonly (readonly [name: string, share: number])[];
}

export const LANDS: readonly Land[] = [
  {
    country: 'DE',
    zone: 1,
    regions: [
      ['BE', 0.2],
      ['BY', 0.3],
      ['NW', 0.35],
      ['HH', 0.15],
    ],
    languages: [
      ['de', 0.84],
      ['tr', 0.07],
      ['ru', 0.05],
      ['en', 0.04],
    ],
  },
  {
    country: 'CH',
    zone: 1,
    regions: [
      ['ZH', 0.5],
      ['GE', 0.3],
      ['TI', 0.2],
    ],
    languages: [
      ['de', 0.6],
      ['fr', 0.25],
      ['it', 0.1],
      ['en', 0.05],
    ],
  },
  {
    country: 'AT',
    zone: 1,
    regions: [
      ['W', 0.6],
      ['ST', 0.4],
    ],
    languages: [
      ['de', 0.92],
      ['tr', 0.05],
      ['en', 0.03],
    ],
  },
  {
    country: 'FR',
    zone: 1,
    regions: [
      ['IDF', 0.45],
      ['ARA', 0.3],
      ['PAC', 0.25],
    ],
    languages: [
      ['fr', 0.93],
      ['ar', 0.05],
      ['en', 0.02],
    ],
  },
  {
    country: 'BR',
    zone: -3,
    regions: [
      ['SP', 0.5],
      ['RJ', 0.25],
      ['MG', 0.15],
      ['BA', 0.1],
    ],
    languages: [
      ['pt', 0.97],
      ['es', 0.02],
      ['en', 0.01],
    ],
  },
  {
    country: 'PT',
    zone: 0,
    regions: [
      ['LIS', 0.6],
      ['POR', 0.4],
    ],
    languages: [
      ['pt', 0.94],
      ['en', 0.06],
    ],
  },
  {
    country: 'MX',
    zone: -6,
    regions: [
      ['CMX', 0.5],
      ['JAL', 0.3],
      ['NLE', 0.2],
    ],
    languages: [
      ['es', 0.96],
      ['en', 0.04],
    ],
  },
  {
    country: 'ES',
    zone: 1,
    regions: [
      ['MD', 0.5],
      ['CT', 0.5],
    ],
    languages: [
      ['es', 0.85],
      ['ca', 0.11],
      ['en', 0.04],
    ],
  },
  {
    country: 'US',
    zone: -5,
    regions: [
      ['NY', 0.3],
      ['CA', 0.3],
      ['TX', 0.25],
      ['FL', 0.15],
    ],
    languages: [
      ['en', 0.82],
      ['es', 0.18],
    ],
  },
  {
    country: 'GB',
    zone: 0,
    regions: [
      ['LND', 0.6],
      ['MAN', 0.4],
    ],
    languages: [
      ['en', 0.95],
      ['pl', 0.05],
    ],
  },
  {
    country: 'IN',
    zone: 5.5,
    regions: [
      ['MH', 0.4],
      ['DL', 0.35],
      ['KA', 0.25],
    ],
    languages: [
      ['hi', 0.55],
      ['en', 0.45],
    ],
  },
  {
    country: 'AE',
    zone: 4,
    regions: [
      ['DU', 0.7],
      ['AZ', 0.3],
    ],
    languages: [
      ['en', 0.45],
      ['ar', 0.35],
      ['hi', 0.12],
      ['ru', 0.08],
    ],
  },
  {
    country: 'RU',
    zone: 3,
    regions: [
      ['MOW', 0.5],
      ['SPE', 0.3],
      ['KDA', 0.2],
    ],
    languages: [
      ['ru', 0.99],
      ['en', 0.01],
    ],
  },
  {
    country: 'KZ',
    zone: 5,
    regions: [
      ['ALA', 0.6],
      ['AST', 0.4],
    ],
    languages: [
      ['ru', 0.65],
      ['kk', 0.35],
    ],
  },
];

/** Where exits of VPNs and data centres stand. */
export const EXITS: readonly (readonly [country: string, region: string, share: number])[] = [
  ['NL', 'NH', 0.4],
  ['US', 'NY', 0.25],
  ['DE', 'HE', 0.2],
  ['SG', '01', 0.15],
];
