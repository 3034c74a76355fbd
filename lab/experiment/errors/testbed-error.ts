/** Error of the testbed, not of the system under test. Its name appears in reports. */
export class TestbedError extends Error {
  override readonly name: string;

  /** `name` is stable, e.g. `nats-server-missing`; the message says what is wrong and what to do. */
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

const agentLost = 'agent-lost';

/** Loss of a load agent. It makes a run invalid, since a part of the load is missing. */
export class AgentLost extends TestbedError {
  constructor(message: string, options?: ErrorOptions) {
    super(agentLost, message, options);
  }
}

/** True for the name of an AgentLost error. */
export const isAgentLoss = ({ name }: Pick<Error, 'name'>): boolean => name === agentLost;
