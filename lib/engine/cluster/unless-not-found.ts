import { ApiFailure } from './api-failure';

/** The answer of the API server; undefined if the object does not exist or its kind is not served. */
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
