import { ApiFailure } from './api-failure';

/** What the API server answers; undefined where there is no such object, or no such kind. */
export async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}
