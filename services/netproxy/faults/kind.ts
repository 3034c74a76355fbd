import { type TInteger, type TNumber, type TObject, Type } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';
import { checkToxic, type Stream, streams, type ToxicSpec, toxicKinds } from '#netproxy/toxics/kinds.ts';

/** One kind of fault: its options, and the toxics that it is. */
export interface Kind<S extends TObject> {
  readonly options: S;
  /** What reports say of the hop. */
  readonly done: string;
  /** None where nobody listens any more. */
  readonly toxics?: (name: string, options: object) => ToxicSpec[];
  /** Whether no byte passes on a connection that it harms, as long as it is in force. */
  readonly stops?: (options: object) => boolean;
  /** Whether in force beside such a fault of another kind, given with its `kind`, it would leave nothing of that. */
  readonly hides?: (options: object, other: object) => boolean;
  /** What is wrong with options beyond what their schema can say. */
  readonly problems?: (options: object) => Problem[];
}

type ToxicType = keyof typeof toxicKinds;
type Attribute<T extends ToxicType> = keyof (typeof toxicKinds)[T]['attributes']['properties'] & string;
/** The attributes of a toxic, by names with a unit. */
type Names<T extends ToxicType> = Readonly<Record<string, Attribute<T>>>;

const common = {
  stream: Type.Enum([...streams, 'both'], {
    default: 'both',
    description: 'Upstream along the hop, downstream back; both ways a delay counts twice in a round trip.',
  }),
  toxicity: Type.Number({
    default: 1,
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'The share of connections that it harms, chosen by luck.',
  }),
};

interface Toxic<T extends ToxicType, N extends Names<T>, O extends Names<T>> {
  readonly type: T;
  /** Without these it would do nothing. */
  readonly needs: N;
  readonly takes: O;
  readonly done: string;
  readonly does: string;
  /** Never, where nothing is said. */
  readonly stops?: (options: Own) => boolean;
  /** The kinds of which it leaves nothing on a connection that it harms, whichever comes first. */
  readonly hides?: (options: Own) => readonly string[];
}

type Own = Readonly<Record<string, unknown>>;
type Common = { readonly stream: Stream | 'both'; readonly toxicity: number };

/** A kind that is a toxic, on one direction of every connection or on both. */
export function toxic<T extends ToxicType, N extends Names<T>, O extends Names<T>>(
  spec: Toxic<T, N, O>,
): Kind<TObject<{ [K in keyof (N & O)]: TInteger | TNumber } & typeof common>> {
  const { type, needs, takes, done, does, stops = () => false, hides = () => [] } = spec;
  const schemas: Readonly<Record<string, TInteger | TNumber>> = toxicKinds[type].attributes.properties;
  const needed = Object.entries(needs).map(([name, attribute]) => {
    const { default: _, ...schema } = schemas[attribute]! as TNumber & { default?: unknown };
    return [name, schema];
  });
  const taken = Object.entries(takes).map(([name, attribute]) => [name, schemas[attribute]]);
  const fields = Object.fromEntries([...needed, ...taken]);
  const names = Object.entries({ ...needs, ...takes });
  const toxics = (fault: string, options: object): ToxicSpec[] => {
    const { stream, toxicity, ...own } = options as Common & Own;
    const attributes = Object.fromEntries(names.map(([name, attribute]) => [attribute, own[name]]));
    return streams
      .filter((one) => stream === 'both' || stream === one)
      .map((one) => ({ name: `${fault}_${one}`, type, stream: one, toxicity, attributes }) as ToxicSpec);
  };
  return {
    options: strict({ ...fields, ...common }, { description: does }) as never,
    done,
    toxics,
    stops: (options) => stops(options as Own),
    hides: (options, other) => {
      const { stream, toxicity, ...own } = options as Common & Own;
      const { kind, stream: beside } = other as Common & { kind: string };
      return hides(own).includes(kind) && toxicity === 1 && (stream === 'both' || stream === beside);
    },
    problems: (options) =>
      checkToxic(toxics('', options)[0]!).map(({ pointer, message }) => ({
        pointer: `/${names.find(([, attribute]) => pointer === `/attributes/${attribute}`)![0]}`,
        message,
      })),
  };
}
