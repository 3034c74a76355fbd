import type { Static } from 'typebox';
import { taggedKinds } from '#kit/schema/schema.ts';
import { attemptFaults } from './attempts.ts';
import { deliveryFaults } from './deliveries.ts';

/** Every fault of the application, in the order in which they act on an attempt. */
export const applicationFaults = { ...attemptFaults, ...deliveryFaults };

/** Names of the faults that change the work of an attempt, not the delivery of its answer. */
export const workFaults: readonly string[] = Object.keys(attemptFaults);

export const ApplicationFaultOptions = taggedKinds(applicationFaults);
export type ApplicationFaultOptions = Static<typeof ApplicationFaultOptions>;
