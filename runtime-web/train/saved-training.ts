// Trainings that a page keeps in IndexedDB, by the address of their package, so that a reload can go on.
import type { GivenImages, TrainingData } from '../training/images.ts';

/** A training that was kept. */
export interface SavedTraining {
  /** Updates of G done. */
  readonly step: number;
  /** Real images shown. */
  readonly images: number;
  readonly savedAt: Date;
  /** The checkpoint, for `loadTrainer`. */
  readonly state: Uint8Array<ArrayBuffer>;
  /** Images to train on, for `loadTrainer`. */
  readonly data: TrainingData;
}

const [database, states, pictures] = ['dcgan-training', 'states', 'data'] as const;

async function withStores<T>(
  mode: IDBTransactionMode,
  work: (stores: { readonly states: IDBObjectStore; readonly data: IDBObjectStore }) => () => T,
): Promise<T> {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => {
    for (const name of [states, pictures]) opening.result.createObjectStore(name);
  };
  const opened = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error as Error);
    opening.onblocked = () => reject(new Error('another page holds the storage'));
  });
  try {
    const transaction = opened.transaction([states, pictures], mode);
    const result = work({
      states: transaction.objectStore(states),
      data: transaction.objectStore(pictures),
    });
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () => reject(transaction.error as Error);
    });
    return result();
  } finally {
    opened.close();
  }
}

/** Keeps the data of a training; those of an earlier one of the package go with its state. */
export async function keepData(key: string, data: TrainingData): Promise<void> {
  const kept = typeof data === 'string' || 'avatars' in data ? data : plain(data);
  await withStores('readwrite', (stores) => {
    stores.states.delete(key);
    stores.data.put(kept, key);
    return () => undefined;
  });
}

/** Only what the type has: pages may give objects with more. */
function plain({ images, labels, condition, name }: GivenImages): GivenImages {
  return { images, labels, condition, name };
}

/** Keeps a state. */
export async function keepState(
  key: string,
  saved: Pick<SavedTraining, 'step' | 'images' | 'savedAt' | 'state'>,
): Promise<void> {
  await withStores('readwrite', (stores) => {
    stores.states.put(saved, key);
    return () => undefined;
  });
}

/** The kept training of a package; null without one. */
export async function readTraining(key: string): Promise<SavedTraining | null> {
  try {
    return await withStores('readonly', (stores) => {
      const [state, data] = [stores.states.get(key), stores.data.get(key)];
      return () => {
        if (state.result === undefined || data.result === undefined) return null;
        return { ...(state.result as SavedTraining), data: data.result as TrainingData };
      };
    });
  } catch {
    return null;
  }
}

/** Removes the training of a package. */
export async function removeTraining(key: string): Promise<void> {
  await withStores('readwrite', (stores) => {
    stores.states.delete(key);
    stores.data.delete(key);
    return () => undefined;
  });
}
