/** Whether tests that repeat one thing at random or at every place do so as often as is useful: `npm run test:soak`. */
export const SOAK = process.env.SOAK === 'true';
