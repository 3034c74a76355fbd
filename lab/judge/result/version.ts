/** Version of the format of `result.json`. It increases with each change that existing readers can't read. */
export const resultVersion = 2;
