import { generateKeyPairSync, sign } from 'node:crypto';

const dayMs = 86_400_000;

/** Encodes a value in DER, with its tag and its length. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  const size = length < 128 ? [length] : long;
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const text = (tag: number, value: string) => der(tag, Buffer.from(value));
const integer = (value: number) => der(0x02, Buffer.from([value]));
/** Formats a time as UTCTime, e.g. 261128060000Z. */
const time = (ms: number) =>
  text(0x17, `${new Date(ms).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`);

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

/**
 * Returns a key and a self-signed certificate in PEM, valid for the host `dns`, from two days ago until `forMs` from
 * now (RFC 5280).
 */
export function selfSigned({ dns, forMs = dayMs }: { readonly dns: string; readonly forMs?: number }) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const nowMs = Date.now();
  const name = sequence(der(0x31, sequence(oid('550403'), text(0x0c, dns))));
  const alternativeNames = sequence(oid('551d11'), der(0x04, sequence(text(0x82, dns))));
  const isAuthority = sequence(
    oid('551d13'),
    der(0x01, Buffer.from([255])),
    der(0x04, sequence(der(0x01, Buffer.from([255])))),
  );
  const signed = sequence(
    der(0xa0, integer(2)), // version 3
    integer(1), // serial number
    ecdsaWithSha256,
    name, // issuer
    sequence(time(nowMs - 2 * dayMs), time(nowMs + forMs)),
    name, // subject
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeNames, isAuthority)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', signed, privateKey));
  const base64 = sequence(signed, ecdsaWithSha256, signature).toString('base64');
  const cert = `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
}
