/** Default of the first port of the testbed that `up` starts. */
export const portBase = 4100;
const highest = 40;
/** Highest first port at which all ports of the testbed are valid. */
export const portBaseMax = 65_535 - highest;

/** Returns the ports of the testbed that `up` starts, counted from `base`. */
export const portsFrom = (base: number = portBase) => ({
  downstream: { traffic: base, control: base + 1 },
  gateway: { traffic: base + 10, control: base + 11 },
  publisher: { traffic: base + 20, control: base + 21 },
  consumer: { control: base + 31 },
  nats: { traffic: base + highest },
});
