/** What the keys of Telegram's accounts and placements say about each other. */

export interface TelegramFinding {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Named = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Read from the raw values: a broken key elsewhere hides none of these. */
export function telegramFindings(accounts: Named, placements: Named): readonly TelegramFinding[] {
  return [
    ...Object.entries(accounts).flatMap(([name, account]) => botFindings(name, account)),
    ...Object.entries(accounts).flatMap(([name, account]) => businessFindings(name, account, accounts)),
    ...sharedDefaults(accounts),
    ...Object.entries(placements).flatMap(([name, placement]) => inviteFindings(name, placement, accounts)),
    ...sharedLinks(placements),
  ];
}

/** Closed by default: a webhook that nothing authenticates is no webhook, and without a token nobody may poll. */
function botFindings(name: string, { provider, updates, bot_token, secret_token }: Named[string]): readonly TelegramFinding[] {
  if (provider !== 'telegram') return [];
  if (updates === 'polling')
    return bot_token === undefined
      ? [
          {
            path: ['accounts', name, 'bot_token'],
            message: `is missing; updates: polling asks Telegram with it, write a reference to the bot's token, such as \${NAME}`,
          },
        ]
      : [];
  return secret_token === undefined
    ? [
        {
          path: ['accounts', name, 'secret_token'],
          message: `is missing; write a reference to the secret_token given to setWebhook, such as \${NAME} or \${file:/run/secrets/name}, or updates: polling`,
        },
      ]
    : [];
}

function businessFindings(name: string, { provider, bot }: Named[string], accounts: Named): readonly TelegramFinding[] {
  if (provider !== 'telegram-business' || typeof bot !== 'string') return [];
  if (Object.hasOwn(accounts, bot) && accounts[bot]?.['provider'] === 'telegram') return [];
  const bots = Object.keys(accounts).filter((each) => accounts[each]?.['provider'] === 'telegram');
  const listed = bots.length === 0 ? 'there is none yet' : `there are: ${bots.join(', ')}`;
  return [{ path: ['accounts', name, 'bot'], message: `names no account with provider telegram; ${listed}` }];
}

/** Two accounts that both take whatever no other takes would take the same messages. */
function sharedDefaults(accounts: Named): readonly TelegramFinding[] {
  const owners = new Map<string, string>();
  return Object.entries(accounts).flatMap(([name, { provider, bot, connection_id }]) => {
    if (provider !== 'telegram-business' || typeof bot !== 'string' || connection_id !== undefined) return [];
    const owner = owners.get(bot);
    if (owner === undefined) {
      owners.set(bot, name);
      return [];
    }
    return [
      {
        path: ['accounts', name, 'connection_id'],
        message: `is missing; ${owner} already takes the connections of ${bot} that name no account, so this one must name its own`,
      },
    ];
  });
}

function inviteFindings(name: string, placement: Named[string], accounts: Named): readonly TelegramFinding[] {
  const { kind, account, link_name, chat } = placement;
  const path = (key: string) => ['placements', name, key];
  if (kind !== 'invite') {
    return (['link_name', 'chat'] as const)
      .filter((key) => placement[key] !== undefined)
      .map((key) => ({ path: path(key), message: 'is for placements of kind invite alone' }));
  }
  const findings: TelegramFinding[] = [];
  if (typeof account === 'string' && Object.hasOwn(accounts, account) && accounts[account]?.['provider'] !== 'telegram')
    findings.push({
      path: path('account'),
      message: 'must be a Telegram bot (provider telegram): only a bot that is an administrator of the channel is told who joined',
    });
  if (chat === undefined)
    findings.push({ path: path('chat'), message: 'is missing; write the channel or group, such as "@acme_news" or "-1001234567890"' });
  if (link_name === undefined && name.length > 32)
    findings.push({
      path: path('link_name'),
      message: 'is missing; the name of the placement has more than the 32 characters of a link name',
    });
  for (const key of ['carrier', 'greetings', 'greeting_parts', 'code_template', 'origins', 'pool', 'words', 'vanity'])
    if (placement[key] !== undefined)
      findings.push({ path: path(key), message: 'means nothing here: an invite link carries its name and nothing else' });
  return findings;
}

function sharedLinks(placements: Named): readonly TelegramFinding[] {
  const owners = new Map<string, string>();
  return Object.entries(placements).flatMap(([name, { kind, account, chat, link_name }]) => {
    if (kind !== 'invite') return [];
    const link = JSON.stringify([account, typeof chat === 'string' ? chat.toLowerCase() : chat, link_name ?? name]);
    const owner = owners.get(link);
    owners.set(link, owner ?? name);
    return owner === undefined
      ? []
      : [
          {
            path: ['placements', name, 'link_name'],
            message: `is also that of placement ${owner} in the same chat; joins could be of either`,
          },
        ];
  });
}
