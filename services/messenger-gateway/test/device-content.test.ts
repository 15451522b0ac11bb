/** Messages as linked devices see them. Names of fields: WAProto.proto of WhiskeySockets/Baileys, Message. */
import { describe, expect, it } from 'vitest';
import { readDeviceContent, repliesTo } from '../src/adapters/device-content.ts';

/** Every field of Message that is a FutureProofMessage, and the copy of what one's own phone sent. */
const WRAPPERS = [
  'viewOnceMessage',
  'ephemeralMessage',
  'documentWithCaptionMessage',
  'viewOnceMessageV2',
  'editedMessage',
  'viewOnceMessageV2Extension',
  'groupMentionedMessage',
  'botInvokeMessage',
  'lottieStickerMessage',
  'eventCoverImage',
  'statusMentionMessage',
  'pollCreationOptionImageMessage',
  'associatedChildMessage',
  'groupStatusMentionMessage',
  'pollCreationMessageV4',
  'statusAddYours',
  'groupStatusMessage',
  'limitSharingMessage',
  'botTaskMessage',
  'questionMessage',
  'groupStatusMessageV2',
  'botForwardedMessage',
  'questionReplyMessage',
  'deviceSentMessage',
  'aWrapperOfTomorrow',
];

describe('a wrapped message', () => {
  it.each(WRAPPERS)('is read through %s, alone and inside another', (wrapper) => {
    const context = { isForwarded: true };
    const message = {
      messageContextInfo: { deviceListMetadata: {} },
      [wrapper]: { message: { imageMessage: { caption: 'hello', contextInfo: context } } },
    };
    const expected = { kind: 'image', text: 'hello', context, edits: '' };
    expect(readDeviceContent(message)).toMatchObject(expected);
    expect(readDeviceContent({ ephemeralMessage: { message } })).toMatchObject(expected);
  });

  it('keeps what it is: a sticker that moves, a poll', () => {
    expect(readDeviceContent({ lottieStickerMessage: { message: { stickerMessage: {} } } })).toMatchObject({ kind: 'sticker' });
    expect(readDeviceContent({ pollCreationMessageV4: { message: { pollCreationMessageV3: { name: 'Which one?' } } } })).toMatchObject({
      kind: 'poll',
      attachments: ['Which one?'],
    });
  });

  it('is not taken for the words beside it', () => {
    const comment = { commentMessage: { message: { conversation: 'inner' } } };
    expect(readDeviceContent({ conversation: 'mine', ...comment })).toMatchObject({ kind: 'text', text: 'mine' });
    expect(readDeviceContent({ ...comment, conversation: 'mine' })).toMatchObject({ kind: 'text', text: 'mine' });
  });

  it('that is nested without end is of no known kind', () => {
    let message: Record<string, unknown> = { conversation: 'deep' };
    for (let depth = 0; depth < 1_000; depth += 1) message = { ephemeralMessage: { message } };
    expect(readDeviceContent(message)).toMatchObject({ kind: 'unknown', text: '' });
  });
});

it.each(['questionResponseMessage', 'statusQuestionAnswerMessage'])('%s is what the person wrote', (name) => {
  expect(readDeviceContent({ [name]: { key: { id: 'Q' }, text: 'an answer' } })).toMatchObject({ kind: 'text', text: 'an answer' });
});

// Names: waE2E/WAWebProtobufsE2E.pb.go of tulir/whatsmeow; the shape of the edit: evolution-foundation/evolution-api issue 2545.
it.each([
  [
    'an edit that only the phone can read',
    { secretEncryptedMessage: { targetMessageKey: { id: '3A39' }, encPayload: {}, encIv: {}, secretEncType: 2 } },
  ],
  ['a vote', { pollUpdateMessage: { pollCreationMessageKey: { id: '3EB0' }, vote: {} } }],
  ['a pin', { pinInChatMessage: { key: { id: '3EB0' }, type: 'PIN_FOR_ALL' } }],
  ['a kept message', { keepInChatMessage: { key: { id: '3EB0' }, keepType: 1 } }],
  ['an answer to an event', { encEventResponseMessage: { eventCreationMessageKey: { id: '3EB0' } } }],
  ['the announcement of an album', { albumMessage: { expectedImageCount: 3, contextInfo: {} } }],
  ['a placeholder', { placeholderMessage: { type: 'MASK_LINKED_DEVICES' } }],
  ['a call', { call: { callKey: {} } }],
  ['the log of a call', { callLogMesssage: { isVideo: false, callOutcome: 1 } }],
  ['a key', { fastRatchetKeySenderKeyDistributionMessage: {} }],
  ['an offer of history', { messageHistoryBundle: {} }],
])('%s is nobody’s message, alone, with its context and wrapped', (_, message) => {
  expect(readDeviceContent(message)).toBe('service');
  expect(readDeviceContent({ messageContextInfo: { deviceListMetadataVersion: 2 }, ...message })).toBe('service');
  expect(readDeviceContent({ ephemeralMessage: { message } })).toBe('service');
});

it('a picture of an album is a message of its own', () => {
  const image = { associatedChildMessage: { message: { imageMessage: { caption: 'one of three' } } } };
  expect(readDeviceContent({ messageContextInfo: {}, ...image })).toMatchObject({ kind: 'image', text: 'one of three' });
});

describe('as whatsmeow writes it', () => {
  it.each([
    ['a button', { buttonsResponseMessage: { selectedButtonID: 'code-1', Response: { SelectedDisplayText: 'Yes' } } }, 'button'],
    ['a button of a template', { templateButtonReplyMessage: { selectedID: 'code-1', selectedDisplayText: 'Yes' } }, 'button'],
    ['a row of a list', { listResponseMessage: { title: 'Row', singleSelectReply: { selectedRowID: 'code-1' } } }, 'interactive'],
    [
      'a button of a native flow',
      {
        interactiveResponseMessage: {
          InteractiveResponseMessage: { NativeFlowResponseMessage: { name: 'quick_reply', paramsJSON: '{"id":"code-1"}', version: 3 } },
          body: { text: 'Yes' },
        },
      },
      'interactive',
    ],
  ])('%s carries its payload', (_, message, kind) => {
    expect(readDeviceContent(message)).toMatchObject({ kind, text: '', buttonPayload: 'code-1', attachments: ['code-1'] });
  });

  it('an edit names its message', () => {
    const key = { remoteJID: '1@s.whatsapp.net', fromMe: true, ID: '3A39' };
    const edit = { protocolMessage: { key, type: 14, editedMessage: { conversation: 'new' } } };
    expect(readDeviceContent({ editedMessage: { message: edit } })).toMatchObject({ kind: 'text', text: 'new', edits: '3A39' });
  });

  it('an answer names what it answers', () => {
    expect(repliesTo({ stanzaID: '3EB0' })).toBe('3EB0');
    expect(repliesTo({ stanzaId: '3EB0' })).toBe('3EB0');
    expect(repliesTo(undefined)).toBe('');
  });
});
