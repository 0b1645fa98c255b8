/** The parent's side of the pipe protocol: messages are a 32-bit little-endian length and so many bytes of JSON. */

const HEADER = 4;

/** A message as bytes. */
export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
}

/** Why bytes from a child cannot be a message. */
export type FrameError = 'reply-too-large' | 'protocol';

/** Cuts what a child writes into messages. Believes nothing: neither lengths nor contents. */
export class FrameReader {
  readonly #mostBytes: number;
  #chunks: Buffer[] = [];
  #length = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Takes in `chunk`; returns the messages that are now complete, or what is wrong. */
  push(chunk: Buffer): { messages: unknown[]; error: FrameError | null } {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: unknown[] = [];
    while (this.#length >= HEADER) {
      const size = this.#peekSize();
      if (size > this.#mostBytes) return { messages, error: 'reply-too-large' };
      if (this.#length < HEADER + size) break;
      const all = this.#join();
      const body = all.toString('utf8', HEADER, HEADER + size);
      this.#chunks = [all.subarray(HEADER + size)];
      this.#length -= HEADER + size;
      try {
        messages.push(JSON.parse(body) as unknown);
      } catch {
        return { messages, error: 'protocol' };
      }
    }
    return { messages, error: null };
  }

  #peekSize(): number {
    return (this.#chunks[0]!.length < HEADER ? this.#join() : this.#chunks[0]!).readUInt32LE(0);
  }

  #join(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
