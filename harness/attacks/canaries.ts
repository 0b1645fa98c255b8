/** Things that only a successful attack can touch: a secret to read, a file to write, a port to contact. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CanaryPlaces } from './attack.ts';

export interface Canaries extends CanaryPlaces {
  /** What the file holds. */
  readonly secret: string;
  /** A folder for the files of attacks. */
  readonly folder: string;
  /** What was touched since the last look, given all that came out of the attack; `null` if nothing was. */
  touched(output: string): string | null;
  /** Takes everything away. */
  remove(): void;
}

/** Sets the canaries out. */
export async function setOutCanaries(): Promise<Canaries> {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-attacks-'));
  const secret = `secret-${randomUUID()}`;
  const secretFile = join(folder, 'secret.json');
  const droppedFile = join(folder, 'dropped.txt');
  // A file of JSON, so that it could be imported.
  writeFileSync(secretFile, JSON.stringify({ [secret]: secret }));
  let contacts = 0;
  const server = createServer((socket) => {
    contacts++;
    socket.destroy();
  });
  server.unref();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    folder,
    secret,
    secretFile,
    droppedFile,
    port,
    touched(output) {
      if (output.includes(secret)) return 'the secret has come out';
      if (existsSync(droppedFile)) {
        rmSync(droppedFile, { force: true });
        return 'a file was written';
      }
      if (contacts > 0) {
        contacts = 0;
        return 'the network was reached';
      }
      return null;
    },
    remove() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
