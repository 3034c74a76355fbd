import { Document, isCollection, stringify, visit } from 'yaml';

const columnsMax = 110;

/** Writes a value of a JSON file as YAML. A part that fits on the rest of its line is written in braces. */
export function yamlOf(value: Readonly<Record<string, unknown>>): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_key, node, { length: depth }) {
      const flow = stringify(node, { collectionStyle: 'flow', lineWidth: 0 });
      node.flow = depth > 1 && isCollection(node) && flow.length + 2 * depth < columnsMax;
      return node.flow ? visit.SKIP : undefined;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
