import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../until.ts';
import type { Peer } from './wire.ts';

/**
 * An Asterisk with nothing of Clearline in it: two lines, a trunk and a dialplan that the test writes. The phones are
 * proved against it, and a benchmark may compare Clearline with what a bare `Dial()` does.
 */
export interface BareAsterisk extends Peer {
  readonly folder: string;
  /** Runs one command on Asterisk's console and gives what it prints. */
  console(command: string): Promise<string>;
  stop(): Promise<void>;
}

export interface BareLine {
  readonly user: string;
  readonly password: string;
}

/** Who may call: the address of the trunk enters [from-trunk], registered lines enter [from-line]. */
export interface BareOptions {
  readonly extensions: string;
  readonly trunkAddress: string;
  readonly lines: readonly BareLine[];
}

const directories = ['etc', 'db', 'keys', 'spool', 'run', 'log', 'cache'];

export async function startBareAsterisk(options: BareOptions): Promise<BareAsterisk> {
  const folder = await mkdtemp(join(tmpdir(), 'clearline-bare-'));
  for (const name of directories) mkdirSync(join(folder, name));
  const port = await freeUdpPort();
  const rtpStart = await freeUdpPort();
  const files = {
    'asterisk.conf': asteriskConf(folder),
    'modules.conf': modulesConf,
    'logger.conf': '[general]\n[logfiles]\nfull => notice,warning,error,verbose\n',
    'rtp.conf': `[general]\nrtpstart=${rtpStart}\nrtpend=${Math.min(65_500, rtpStart + 400)}\n`,
    'pjsip.conf': pjsipConf(port, options),
    'extensions.conf': options.extensions,
    ...Object.fromEntries(['acl', 'udptl', 'pjproject', 'ccss', 'cel', 'features'].map((name) => [`${name}.conf`, ''])),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, 'etc', name), text)));
  const [program = '', ...prefix] = asteriskCommand();
  const configured = [...prefix, '-C', join(folder, 'etc/asterisk.conf')];
  const child = spawn(program, [...configured, '-f'], { stdio: 'ignore' });
  const command = promisify(execFile);
  const asterisk: BareAsterisk = {
    host: '127.0.0.1',
    port,
    folder,
    console: async (line) => (await command(program, [...configured, '-rx', line])).stdout,
    stop: () => stop(child, folder),
  };
  const log = () => readFile(join(folder, 'log/full'), 'utf8');
  await until('Asterisk is ready', async () => (await log()).includes('Asterisk Ready'), 20_000).catch(
    async (error) => {
      const told = await log().catch(() => 'it wrote no log');
      await asterisk.stop();
      throw new Error(`Asterisk did not start: ${told}`, { cause: error });
    },
  );
  return asterisk;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(late);
  }
  await rm(folder, { recursive: true, force: true });
}

function cachedRoot(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clearline/asterisk-22');
}

/** The cached root file system runs in place, with its own loader and libraries. */
function asteriskCommand(): string[] {
  const root = cachedRoot();
  if (!existsSync(root)) return ['asterisk'];
  const libraries = `${root}/usr/lib/x86_64-linux-gnu:${root}/usr/lib`;
  return [`${root}/lib64/ld-linux-x86-64.so.2`, '--library-path', libraries, `${root}/usr/sbin/asterisk`];
}

function asteriskConf(folder: string): string {
  const root = existsSync(cachedRoot()) ? cachedRoot() : '';
  const at = (name: string) => join(folder, name);
  return `[directories]
astetcdir => ${at('etc')}
astmoddir => ${root}/usr/lib/x86_64-linux-gnu/asterisk/modules
astvarlibdir => ${at('db')}
astdbdir => ${at('db')}
astkeydir => ${at('keys')}
astdatadir => ${root}/usr/share/asterisk
astagidir => ${at('db')}
astspooldir => ${at('spool')}
astrundir => ${at('run')}
astlogdir => ${at('log')}
astcachedir => ${at('cache')}
[options]
verbose = 3
`;
}

const modulesConf = `[modules]
autoload=no
${[
  'res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_sorcery_memory_cache res_pjproject',
  'res_rtp_asterisk res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_authenticator_digest res_pjsip_endpoint_identifier_ip',
  'res_pjsip_endpoint_identifier_user res_pjsip_registrar res_pjsip_sdp_rtp res_pjsip_caller_id res_pjsip_dtmf_info',
  'res_pjsip_nat res_pjsip_rfc3326 res_pjsip_logger chan_pjsip bridge_simple bridge_native_rtp bridge_softmix',
  'bridge_builtin_features codec_ulaw codec_alaw codec_resample format_wav format_gsm format_pcm codec_gsm pbx_config',
  'app_dial app_echo app_playback app_read app_stack app_verbose func_callerid func_channel func_logic func_strings',
]
  .join(' ')
  .split(' ')
  .map((name) => `load=${name}.so`)
  .join('\n')}
`;

function pjsipConf(port: number, { trunkAddress, lines }: BareOptions): string {
  const common = 'type=endpoint\ndisallow=all\nallow=ulaw,alaw\ndirect_media=no\n';
  const line = ({ user, password }: BareLine) => `
[${user}]
${common}context=from-line
auth=${user}
aors=${user}
[${user}]
type=auth
auth_type=digest
username=${user}
password=${password}
[${user}]
type=aor
max_contacts=1
remove_existing=yes
`;
  return `[loopback]
type=transport
protocol=udp
bind=127.0.0.1:${port}
[trunk]
${common}context=from-trunk
[trunk]
type=identify
endpoint=trunk
match=${trunkAddress}
${lines.map(line).join('')}`;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
