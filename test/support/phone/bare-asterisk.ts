import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AsteriskProgram, findAsterisk } from '../../../services/standalone/programs.ts';
import { until } from '../until.ts';
import { freePort, type Peer } from './wire.ts';

/**
 * An Asterisk with nothing of Clearline in it: two lines, a trunk and a dialplan that the test writes. The phones are
 * proved against it, and a benchmark may compare Clearline with what a bare `Dial()` does.
 */
export interface BareAsterisk extends Peer {
  /** Runs one command on Asterisk's console and gives what it prints. */
  console(command: string): Promise<string>;
  /** All it has logged so far. */
  log(): Promise<string>;
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
  const program = findAsterisk();
  const folder = await mkdtemp(join(tmpdir(), 'clearline-bare-'));
  for (const name of directories) mkdirSync(join(folder, name));
  const port = await freePort('127.0.0.1');
  const rtpStart = await freePort('127.0.0.1');
  const files = {
    'asterisk.conf': asteriskConf(folder, program),
    'modules.conf': modulesConf,
    'logger.conf': '[general]\n[logfiles]\nfull => notice,warning,error,verbose\n',
    'rtp.conf': `[general]\nrtpstart=${rtpStart}\nrtpend=${Math.min(65_500, rtpStart + 400)}\n`,
    'pjsip.conf': pjsipConf(port, options),
    'extensions.conf': options.extensions,
    ...Object.fromEntries(['acl', 'udptl', 'pjproject', 'ccss', 'cel', 'features'].map((name) => [`${name}.conf`, ''])),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, 'etc', name), text)));
  const configured = [...program.prefix, '-C', join(folder, 'etc/asterisk.conf')];
  const child = spawn(program.command, [...configured, '-f'], { stdio: 'ignore' });
  const command = promisify(execFile);
  const log = () => readFile(join(folder, 'log/full'), 'utf8');
  const asterisk: BareAsterisk = {
    host: '127.0.0.1',
    port,
    console: async (line) => (await command(program.command, [...configured, '-rx', line])).stdout,
    log,
    stop: () => stop(child, folder),
  };
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

function asteriskConf(folder: string, { modules, share }: AsteriskProgram): string {
  const at = (name: string) => join(folder, name);
  return `[directories]
astetcdir => ${at('etc')}
astvarlibdir => ${at('db')}
astdbdir => ${at('db')}
astkeydir => ${at('keys')}
astagidir => ${at('db')}
astspooldir => ${at('spool')}
astrundir => ${at('run')}
astlogdir => ${at('log')}
astcachedir => ${at('cache')}
${modules === null ? '' : `astmoddir => ${modules}`}
${share === null ? '' : `astdatadir => ${share}`}
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
