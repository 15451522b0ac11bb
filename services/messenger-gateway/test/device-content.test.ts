/** Messages as linked devices see them. Names of fields: WAProto.proto of WhiskeySockets/Baileys, Message. */
import { describe, expect, it } from 'vitest';
import { readDeviceContent } from '../src/adapters/device-content.ts';

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
