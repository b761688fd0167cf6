import { isIP } from 'node:net';
import type { Reply } from '../core/ports.ts';

/** What is kept in AstDB of bans, and which telephones are registered. */

/** What is needed of AMI. */
interface Shelf {
  /** The rows of a list action; null when there is no answer. */
  list(
    action: Record<string, string>,
    row: string,
    complete: string,
  ): Promise<readonly Readonly<Partial<Record<string, string>>>[] | null>;
  command(action: Record<string, string>): Promise<Reply>;
}

/** The AstDB families: bans by address, and when an address last proved a telephone's password, in epoch seconds. */
const families = { bans: 'clearline-ban', proven: 'clearline-proven' } as const;
export type BanFamily = keyof typeof families;

/** Where bans are kept, and where telephones are registered; see AstDbBans. */
export type BanShelf = Pick<AstDbBans, 'read' | 'put' | 'remove' | 'telephones'>;

export class AstDbBans {
  private readonly shelf: Shelf;

  constructor(shelf: Shelf) {
    this.shelf = shelf;
  }

  /** By address; null when AMI does not answer within a second. */
  async read(family: BanFamily): Promise<ReadonlyMap<string, string> | null> {
    const action = { action: 'DBGetTree', family: families[family] };
    const rows = await this.shelf.list(action, 'dbgettreeresponse', 'dbgettreecomplete');
    return rows && new Map(rows.map(({ key = '', val = '' }) => [key.split('/')[2] ?? '', val]));
  }

  put(family: BanFamily, address: string, val: string): Promise<Reply> {
    return this.shelf.command({ action: 'DBPut', family: families[family], key: address, val });
  }

  /** It need be there: Asterisk calls it an error otherwise. */
  remove(family: BanFamily, address: string): Promise<Reply> {
    return this.shelf.command({ action: 'DBDel', family: families[family], key: address });
  }

  /** The addresses of every telephone that is registered now; null when AMI does not answer within a second. */
  async telephones(): Promise<readonly string[] | null> {
    const rows = await this.shelf.list({ action: 'PJSIPShowContacts' }, 'contactlist', 'contactlistcomplete');
    // `sip:room-1@192.0.2.7:5060;transport=tcp`; where it is behind a router, `viaaddr` is what it believes its address to be.
    return (
      rows?.flatMap(({ uri = '', viaaddr = '' }) => [hostOf(uri), viaaddr]).filter((host) => isIP(host) > 0) ?? null
    );
  }
}

function hostOf(uri: string): string {
  return /^sips?:(?:[^@]*@)?(?:\[([^\]]+)\]|([^:;?>]+))/.exec(uri)?.slice(1).find(Boolean) ?? '';
}
