/** The first port of a testbed that stays, unless `up` is told another one. */
export const portBase = 4100;
const portMax = 65_535;
const highest = 50;
/** The last base with which all ports exist. */
export const portBaseMax = portMax - highest;

/** The ports of a testbed that stays, counted from `base`. */
export const portsFrom = (base: number = portBase) => ({
  downstream: { traffic: base, control: base + 1 },
  gateway: { traffic: base + 10, control: base + 11 },
  publisher: { traffic: base + 20, control: base + 21 },
  consumer: { control: base + 31 },
  nats: { traffic: base + 40 },
  prometheus: { traffic: base + highest },
});
