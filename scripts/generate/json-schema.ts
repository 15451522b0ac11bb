import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import type { Contracts } from './contracts.ts';

/**
 * JSON Schema of messages in protobuf's own JSON mapping (lowerCamelCase, 64-bit integers and bytes as text, enums by name), so that a tool without
 * protobuf still shows what a record holds. On the wire the value is protobuf; the AsyncAPI document says so by its content type.
 */
export function messageSchema(contracts: Contracts, message: DescMessage): Record<string, unknown> {
  const properties = Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(contracts, field)]));
  return {
    type: 'object',
    title: message.name,
    description: contracts.comment(message),
    properties,
    'x-protobuf-message': message.typeName,
  };
}

export function enumSchema(contracts: Contracts, each: DescEnum): Record<string, unknown> {
  const values = each.values.map((value) => `${value.name}: ${contracts.comment(value)}`);
  return {
    type: 'string',
    title: each.name,
    description: [contracts.comment(each), ...values].join('\n'),
    enum: each.values.map((value) => value.name),
  };
}

function fieldSchema(contracts: Contracts, field: DescField): Record<string, unknown> {
  const oneof = field.oneof === undefined ? '' : ` One of ${field.oneof.name}: at most one of its fields is set.`;
  const description = `${contracts.comment(field)}${oneof}`;
  // `allOf` keeps the field's own description: keywords beside a `$ref` are ignored by older tools.
  switch (field.fieldKind) {
    case 'scalar':
      return { ...scalarSchema(field.scalar), description };
    case 'enum':
      return { allOf: [reference(field.enum.name)], description };
    case 'message':
      return { allOf: [reference(field.message.name)], description };
    case 'list':
      return {
        type: 'array',
        items:
          field.listKind === 'scalar'
            ? scalarSchema(field.scalar)
            : reference((field.listKind === 'enum' ? field.enum : field.message).name),
        description,
      };
    case 'map':
      return {
        type: 'object',
        additionalProperties:
          field.mapKind === 'scalar' ? scalarSchema(field.scalar) : reference((field.mapKind === 'enum' ? field.enum : field.message).name),
        description,
      };
  }
}

function reference(name: string): Record<string, unknown> {
  return { $ref: `#/components/schemas/${name}` };
}

function scalarSchema(scalar: ScalarType): Record<string, unknown> {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number' };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { type: 'string', pattern: '^-?[0-9]+$' };
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.SINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return { type: 'integer' };
  }
}
