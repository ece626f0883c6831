/** Whether tests that repeat something at random or at every place do so as often as useful: `npm run test:soak`. */
export const SOAK = process.env.SOAK === 'true';
