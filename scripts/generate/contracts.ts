import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, type DescEnum, type DescField, type DescMessage, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** The .proto files as descriptors, with the comments their authors wrote. */
export interface Contracts {
  readonly registry: FileRegistry;
  /** Leading comment of a message, field, enum or enum value; empty when it has none. */
  comment(of: DescMessage | DescField | DescEnum | DescEnum['values'][number]): string;
}

/** Compiles proto/ with buf. Descriptors, unlike generated TypeScript, carry the comments. */
export function readContracts(root: string): Contracts {
  const folder = mkdtempSync(join(tmpdir(), 'messtrack-contracts-'));
  try {
    const image = join(folder, 'image.binpb');
    execFileSync(join(root, 'node_modules/.bin/buf'), ['build', '--as-file-descriptor-set', '-o', image], { cwd: join(root, 'proto') });
    const set = fromBinary(FileDescriptorSetSchema, readFileSync(image));
    const comments = new Map(set.file.map((file) => [file.name, commentsByPath(file)]));
    return {
      registry: createFileRegistry(set),
      comment: (of) => comments.get(fileOf(of))?.get(pathOf(of)) ?? '',
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A top-level message of messtrack.v1. */
export function messageNamed(contracts: Contracts, name: string): DescMessage {
  const message = contracts.registry.getMessage(`messtrack.v1.${name}`);
  if (message === undefined) throw new Error(`proto/ has no message messtrack.v1.${name}, which proto/src/topics.ts names`);
  return message;
}

type Commented = Parameters<Contracts['comment']>[0];

function commentsByPath(file: FileDescriptorProto): ReadonlyMap<string, string> {
  const locations = file.sourceCodeInfo?.location ?? [];
  return new Map(locations.map((location) => [location.path.join('.'), unwrap(location.leadingComments)]));
}

/** Comments are wrapped by hand; a table cell or a description is one line. */
function unwrap(comment: string): string {
  return comment.replaceAll(/\s*\n\s*/g, ' ').trim();
}

function fileOf(of: Commented): string {
  if (of.kind === 'field' || of.kind === 'enum_value') return of.parent.file.proto.name;
  return of.file.proto.name;
}

/** Numbers of descriptor.proto: a file's messages are its field 4 and enums 5; a message's fields 2, messages 3, enums 4; an enum's values 2. */
function pathOf(of: Commented): string {
  switch (of.kind) {
    case 'field':
      return `${pathOf(of.parent)}.2.${of.parent.proto.field.indexOf(of.proto)}`;
    case 'enum_value':
      return `${pathOf(of.parent)}.2.${of.parent.proto.value.indexOf(of.proto)}`;
    case 'message':
      return of.parent === undefined
        ? `4.${of.file.proto.messageType.indexOf(of.proto)}`
        : `${pathOf(of.parent)}.3.${of.parent.proto.nestedType.indexOf(of.proto)}`;
    case 'enum':
      return of.parent === undefined
        ? `5.${of.file.proto.enumType.indexOf(of.proto)}`
        : `${pathOf(of.parent)}.4.${of.parent.proto.enumType.indexOf(of.proto)}`;
  }
}
