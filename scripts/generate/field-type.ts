import { type DescField, ScalarType } from '@bufbuild/protobuf';

/** The type of a field as its .proto file spells it. */
export function protoType(field: DescField): string {
  switch (field.fieldKind) {
    case 'scalar':
      return scalarName(field.scalar);
    case 'enum':
      return field.enum.name;
    case 'message':
      return field.message.name;
    case 'list':
      return `repeated ${field.listKind === 'scalar' ? scalarName(field.scalar) : field.listKind === 'enum' ? field.enum.name : field.message.name}`;
    case 'map': {
      const value = field.mapKind === 'scalar' ? scalarName(field.scalar) : field.mapKind === 'enum' ? field.enum.name : field.message.name;
      return `map<${scalarName(field.mapKey)}, ${value}>`;
    }
  }
}

export function scalarName(scalar: ScalarType): string {
  const name: string | undefined = ScalarType[scalar];
  if (name === undefined) throw new Error(`unknown scalar type ${scalar}`);
  return name.toLowerCase();
}
