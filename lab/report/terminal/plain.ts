/** A text in which plain spaces stand where numbers and units hold together, so that a search finds what a reader sees. */
export const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
