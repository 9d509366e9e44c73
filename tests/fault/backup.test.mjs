// Backups and restores that are killed, that find no room, that are damaged on the way, or made by somebody who means harm.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, run, temporaryFolder } from '../api/program.mjs';
import { embedded } from '../api/store.mjs';

const suite = embedded('what is killed and damaged are files');
const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
const folder = temporaryFolder();
const at = (name) => join(folder, name);
const data = at('data');
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
const parvis = (...words) => run(words);
const names = (path) => (existsSync(path) ? readdirSync(path).sort() : []);

/** Runs the program and kills it after so many milliseconds: its exit code, or the signal. */
function killed(words, after) {
  const child = spawn(binary, words, { stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve) => child.on('close', (code, signal) => {
    clearTimeout(timer);
    resolve(signal ?? code);
  }));
}

/** How long a command takes here. */
function timed(words) {
  const from = Date.now();
  done(run(words));
  return Date.now() - from;
}

if (!suite.skip) {
  done(parvis('import', join(packages, 'vega-datasets/data/airports.csv'), '--id', 'airports', '--data', data));
  done(parvis('import', join(packages, 'vega-datasets/data/birdstrikes.csv'), '--id', 'birdstrikes', '--data', data));
  writeFileSync(at('large'), Buffer.alloc(30 << 20, 'not all alike 0123456789'));
  done(parvis('attach', 'airports', at('large'), '--data', data));
  done(parvis('consent', 'key', '--data', data));
  done(parvis('backup', at('whole'), '--data', data));
  done(parvis('backup', at('whole.tar.zst'), '--data', data));
}

/** A restored portal is whole, and what stands beside it is nothing of ours. */
function assertPortal(target, extra = []) {
  assert.doesNotMatch(done(parvis('check', '--data', target)).stdout, /BROKEN|orphan/);
  assert.match(done(parvis('list', '--data', target)).stdout, /^airports\t1\t3376\t.*\nbirdstrikes\t1\t10000\t/m);
  assert.deepEqual(names(target).filter((name) => !/^(catalogue\.sqlite(-wal|-shm)?|records|attachments|secrets|spool)$/.test(name)), extra);
}

test('a backup that is killed is none, and the next one clears up', suite, async () => {
  for (const [name, kind] of [['killed', ''], ['killed-archive', '.tar.zst']]) {
    const long = timed(['backup', at(`${name}-timed${kind}`), '--data', data]);
    let kills = 0;
    for (let i = 0; i < 12; i += 1) {
      const target = at(`${name}-${i}${kind}`);
      if (await killed(['backup', target, '--data', data], (long * (i + 1)) / 13) === 'SIGKILL') kills += 1;
      if (existsSync(target)) done(parvis('backup', 'verify', target));
    }
    assert.ok(kills > 3, `${kills} kills`);
    done(parvis('backup', at(`${name}-last${kind}`), '--data', data));
    done(parvis('backup', 'verify', at(`${name}-last${kind}`)));
    assert.deepEqual(names(data).filter((file) => file.startsWith('backup.partial')), []);
  }
});

test('a restore that is killed is no portal, and can be done again', suite, async () => {
  for (const source of ['whole', 'whole.tar.zst']) {
    const long = timed(['restore', at(source), '--data', at(`timed-${source}`)]);
    let kills = 0;
    for (let i = 0; i < 12; i += 1) {
      const target = at(`restore-${source}-${i}`);
      if (await killed(['restore', at(source), '--data', target], (long * (i + 1)) / 13) === 'SIGKILL') kills += 1;
      if (existsSync(join(target, 'restore.partial'))) {
        const refused = parvis('list', '--data', target);
        assert.ok([4, 5].includes(refused.status), refused.stderr);
        const served = parvis('import', at('large'), '--id', 'x', '--data', target);
        assert.equal(served.status, 5, served.stderr);
        assert.match(served.stderr, /run parvis restore again as before/);
        done(parvis('restore', at(source), '--data', target));
      } else if (!existsSync(join(target, 'catalogue.sqlite'))) {
        done(parvis('restore', at(source), '--data', target));
      }
      assertPortal(target);
      rmSync(target, { recursive: true });
    }
    assert.ok(kills > 3, `${kills} kills`);
  }
});

test('killed in place of a portal: the old one or the new one is there, and the other is whole', suite, async () => {
  const old = at('old');
  done(parvis('import', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--id', 'old', '--data', old));
  cpSync(old, at('old-timed'), { recursive: true });
  const long = timed(['restore', at('whole'), '--data', at('old-timed'), '--replace']);
  for (let i = 0; i < 14; i += 1) {
    const target = at(`replace-${i}`);
    cpSync(old, target, { recursive: true });
    await killed(['restore', at('whole'), '--data', target, '--replace'], (long * (i + 1)) / 15);
    const isNew = () => /^airports/.test(run(['list', '--data', target]).stdout);
    if (existsSync(join(target, 'restore.partial')) || !isNew()) done(parvis('restore', at('whole'), '--data', target, '--replace'));
    const aside = names(target).filter((name) => name.startsWith('before-restore'));
    assert.equal(aside.length, 1);
    assertPortal(target, aside);
    assert.match(done(parvis('list', '--data', join(target, aside[0]))).stdout, /^old\t1\t1461\t/);
    assert.doesNotMatch(done(parvis('check', '--data', join(target, aside[0]))).stdout, /BROKEN/);
    rmSync(target, { recursive: true });
  }
});

test('each step of putting into place, interrupted: the next call ends it', suite, () => {
  const target = at('steps');
  done(parvis('restore', at('whole'), '--data', target));
  // as it was before the catalogue got its place
  mkdirSync(join(target, 'restore.partial', 'new'), { recursive: true });
  execFileSync('mv', [join(target, 'catalogue.sqlite'), join(target, 'restore.partial', 'new')]);
  writeFileSync(join(target, 'restore.partial', 'placing'), '');
  assert.equal(parvis('import', at('large'), '--id', 'x', '--data', target).status, 5);
  assert.match(done(parvis('restore', at('whole'), '--data', target)).stderr, /was ready and had only to be put into its place/);
  assertPortal(target);
});

test('no room: nothing that looks whole, and why', suite, () => {
  const narrow = (blocks, ...words) => spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'bash', binary, ...words], { encoding: 'utf8' });
  const archive = narrow(500, 'backup', at('narrow.tar.zst'), '--data', data); // the large file packs well
  if (archive.status !== 0) assert.deepEqual(names(folder).filter((name) => name.startsWith('narrow')), []);
  const full = spawnSync(binary, ['backup', '-', '--data', data], { encoding: 'utf8', stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
  assert.equal(full.status, 1);
  assert.match(full.stderr, /the archive cannot be written \(.*No space left/);
  assert.deepEqual(names(data).filter((file) => file.startsWith('backup.partial')), []);
  for (const source of ['whole', 'whole.tar.zst']) {
    const restored = narrow(5000, 'restore', at(source), '--data', at('narrow')); // of 1024 bytes: less than the attachment
    assert.equal(restored.status, 5, restored.stderr);
    assert.match(restored.stderr, /A file would become larger than the server may write one/);
    assert.deepEqual(names(at('narrow')), []);
  }
});

test('a bit that flipped is found, wherever it is', suite, () => {
  const spoiled = at('spoiled');
  const files = execFileSync('find', ['.', '-type', 'f'], { cwd: at('whole'), encoding: 'utf8' }).trim().split('\n').map((name) => name.slice(2));
  assert.equal(files.length, 6);
  for (const file of files) {
    rmSync(spoiled, { recursive: true, force: true });
    cpSync(at('whole'), spoiled, { recursive: true });
    const bytes = readFileSync(join(spoiled, file));
    bytes[Math.floor(bytes.length * 0.7)] ^= 4;
    writeFileSync(join(spoiled, file), bytes);
    for (const words of [['backup', 'verify', spoiled], ['restore', spoiled, '--data', at('from-spoiled')]]) {
      const found = run(words);
      assert.equal(found.status, 3, `${file}: ${found.stderr}`);
      assert.match(found.stderr, file === 'manifest.jsonl' ? /manifest/ : new RegExp(file.split('/').pop()));
      assert.deepEqual(names(at('from-spoiled')), []);
    }
  }
  rmSync(join(spoiled, 'secrets/master'));
  assert.match(run(['backup', 'verify', spoiled]).stderr, /master|differs/);
});

test('an archive that was cut or damaged is refused', suite, () => {
  const bytes = readFileSync(at('whole.tar.zst'));
  for (let i = 0; i < 12; i += 1) {
    writeFileSync(at('cut.tar.zst'), bytes.subarray(0, Math.floor((bytes.length * i) / 12)));
    const cut = run(['restore', at('cut.tar.zst'), '--data', at('from-cut')]);
    assert.equal(cut.status, 3, `${i}: ${cut.stderr}`);
    assert.deepEqual(names(at('from-cut')), []);
  }
  let found = 0;
  for (let i = 0; i < 40; i += 1) {
    const copy = Buffer.from(bytes);
    copy[Math.floor(((i + 0.5) * bytes.length) / 40)] ^= 1 << (i % 8);
    writeFileSync(at('flipped.tar.zst'), copy);
    const { status, stderr } = run(['backup', 'verify', at('flipped.tar.zst')]);
    assert.ok([0, 3].includes(status), stderr); // 0: what flipped is no byte of a file, but a name of its owner, say
    found += status === 3;
  }
  assert.ok(found >= 35, `${found} of 40`);
});

/** Writes a tar archive with Python: entries are [name, text or { type, link, size }]. */
function tar(name, entries) {
  const script = `
import io, json, sys, tarfile
with tarfile.open(sys.argv[1], 'w') as archive:
    for name, what in json.load(sys.stdin):
        info = tarfile.TarInfo(name)
        if isinstance(what, str):
            info.size = len(what.encode())
            archive.addfile(info, io.BytesIO(what.encode()))
        else:
            info.type = getattr(tarfile, what['type'])
            info.linkname = what.get('link', '')
            archive.addfile(info)
`;
  execFileSync('/usr/bin/python3', ['-c', script, at(name)], { input: JSON.stringify(entries) });
}

/** A manifest as a backup has it, of [path, text, bytes if they are others]. */
function manifest(files, changes = {}) {
  const script = 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())';
  const digest = (text) => execFileSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8' }).trim();
  const sized = files.map(([path, text, bytes]) => ({ path, bytes: bytes ?? Buffer.byteLength(text), modified: 1, sha256: digest(text) }));
  const head = { format: 1, program: 'parvis', created: 1, generation: 1, datasets: 0, versions: 0, records: 0,
    files: files.length, bytes: sized.reduce((sum, file) => sum + file.bytes, 0), secrets: false, ...changes };
  const text = [head, ...sized].map((line) => `${JSON.stringify(line)}\n`).join('');
  return `${text}${JSON.stringify({ sha256: digest(text) })}\n`;
}

test('an archive made by somebody who means harm writes nothing but what a backup has', suite, () => {
  const files = [['attachments/a/b', 'x'], ['catalogue.sqlite', 'no catalogue']];
  const good = manifest(files);
  const named = (path) => ['manifest.jsonl', manifest([[path, 'x'], ...files].sort((a, b) => (a[0] < b[0] ? -1 : 1)))];
  const cases = {
    'no manifest': [['catalogue.sqlite', 'x']],
    'a path upwards': [named('../evil'), ['../evil', 'x']],
    'a path upwards, further on': [named('records/../../evil'), ['records/../../evil', 'x']],
    'an absolute path': [named('/tmp/evil'), ['/tmp/evil', 'x']],
    'a hidden file': [named('records/.evil'), ['records/.evil', 'x']],
    'a file that is none of a portal': [named('evil'), ['evil', 'x']],
    'a path too deep': [named('records/a/b/c/d'), ['records/a/b/c/d', 'x']],
    'a link': [['manifest.jsonl', good], ['attachments/a/b', { type: 'SYMTYPE', link: '/etc/passwd' }], ['catalogue.sqlite', 'no catalogue']],
    'a link to another entry': [['manifest.jsonl', good], ['attachments/a/b', { type: 'LNKTYPE', link: 'manifest.jsonl' }], ['catalogue.sqlite', 'no catalogue']],
    'a device': [['manifest.jsonl', good], ['attachments/a/b', { type: 'CHRTYPE' }], ['catalogue.sqlite', 'no catalogue']],
    'a directory': [['manifest.jsonl', good], ['attachments/a/b', { type: 'DIRTYPE' }], ['catalogue.sqlite', 'no catalogue']],
    'a link in place of a directory': [['manifest.jsonl', good], ['attachments', { type: 'SYMTYPE', link: '/tmp' }], ['attachments/a/b', 'x'], ['catalogue.sqlite', 'no catalogue']],
    'more bytes': [['manifest.jsonl', good], ['attachments/a/b', 'xx'], ['catalogue.sqlite', 'no catalogue']],
    'another order': [['manifest.jsonl', good], ['catalogue.sqlite', 'no catalogue'], ['attachments/a/b', 'x']],
    'an entry twice': [['manifest.jsonl', good], ['attachments/a/b', 'x'], ['attachments/a/b', 'x'], ['catalogue.sqlite', 'no catalogue']],
    'one entry more': [['manifest.jsonl', good], ['attachments/a/b', 'x'], ['catalogue.sqlite', 'no catalogue'], ['uploads/evil', 'x']],
    'no catalogue': [['manifest.jsonl', manifest([['attachments/a/b', 'x']])], ['attachments/a/b', 'x']],
    'a catalogue that is none': [['manifest.jsonl', good], ['attachments/a/b', 'x'], ['catalogue.sqlite', 'no catalogue']],
    'a later format': [['manifest.jsonl', manifest(files, { format: 2 })]],
    'sums that do not fit': [['manifest.jsonl', manifest(files, { bytes: 5 })]],
    'negative sizes': [['manifest.jsonl', manifest([['attachments/a/b', 'x', -5], files[1]])]],
    'sizes beyond numbers': [['manifest.jsonl', manifest([['attachments/a/b', 'x', 9223372036854775807n], ['attachments/a/c', 'x', 9223372036854775807n], files[1]].map(([p, t, b]) => [p, t, b ? Number(b) : undefined]))]],
    'not JSON': [['manifest.jsonl', 'null\n']],
    'an empty manifest': [['manifest.jsonl', '']],
  };
  for (const [name, entries] of Object.entries(cases)) {
    tar('hostile.tar.zst', entries);
    const refused = run(['restore', at('hostile.tar.zst'), '--data', at('from-hostile')]);
    assert.ok(refused.status === 3 || (name === 'a catalogue that is none' && refused.status === 1), `${name}: ${refused.status} ${refused.stderr}`);
    assert.doesNotMatch(refused.stderr, /AddressSanitizer|runtime error/);
    assert.deepEqual(names(at('from-hostile')), [], name);
    assert.ok(!existsSync(at('evil')) && !existsSync('/tmp/evil'), name);
  }
  tar('hostile.tar.zst', [['manifest.jsonl', manifest([['attachments/a/b', 'x', 2 ** 50], files[1]])]]);
  const bomb = run(['restore', at('hostile.tar.zst'), '--data', at('from-hostile')]);
  assert.equal(bomb.status, 1);
  assert.match(bomb.stderr, /the backup takes \d+ MB, there is room for \d+ MB/);
  copyFileSync(at('large'), at('noise.tar.zst'));
  assert.equal(run(['backup', 'verify', at('noise.tar.zst')]).status, 3);
});

test('a version that is lost is said, in place of a backup without it', suite, () => {
  const broken = at('broken');
  cpSync(data, broken, { recursive: true });
  const uid = names(join(broken, 'records'))[0];
  rmSync(join(broken, 'records', uid, '1.duckdb'));
  const refused = parvis('backup', at('of-broken'), '--data', broken);
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /1\.duckdb is missing, which the catalogue names; see parvis check/);
  assert.ok(!existsSync(at('of-broken')));
});

test('a large backup takes little memory', suite, () => {
  const large = at('large-portal');
  cpSync(data, large, { recursive: true });
  for (let i = 0; i < 5; i += 1) {
    execFileSync('sh', ['-c', `head -c 60000000 /dev/urandom >'${at('noise')}'`]);
    done(parvis('attach', 'airports', at('noise'), '--id', `noise${i}`, '--data', large));
  }
  const measured = (...words) => {
    const { stderr, status } = spawnSync('/usr/bin/python3', ['-c', `
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)`, binary, ...words], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const [code, kilobytes] = stderr.trim().split(' ').map(Number);
    assert.equal(code, 0, words.join(' '));
    return kilobytes / 1024;
  };
  const idle = measured('version');
  const used = [measured('backup', at('heavy'), '--data', large), measured('backup', at('heavy.tar.zst'), '--data', large),
    measured('backup', 'verify', at('heavy.tar.zst'))];
  assert.ok(statSync(at('heavy.tar.zst')).size > 290e6);
  for (const megabytes of used) assert.ok(megabytes < idle + 80, `${used.map(Math.round)} MB, idle ${Math.round(idle)} MB`);
});
