import AxeBuilder from 'axe-core';
import { expect, test } from 'vitest';
