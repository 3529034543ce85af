/** What to do with a run outside this page: commands to paste, its files as they are, its configuration. */
import { useState } from 'preact/hooks';
import { type RawFile, routes } from '../api.ts';
import { counted, formatBytes } from './format.ts';
import { Empty } from './states.tsx';
import type { RunViewProps } from './view.ts';

export function FilesView({ run }: RunViewProps) {
  const { summary, commands, files, moreFiles, yaml, manifest, checkpoints } = run;
  return (
    <section class="files" aria-label="Files">
      <div class="columns">
        <section>
          <h2>Commands</h2>
          {commands.length === 0 && (
            <p class="quiet">Nothing can be done with this run: it has neither a checkpoint nor rollouts.</p>
          )}
          {commands.map(({ title, command, about }) => (
            <Command key={`${title} ${command}`} title={title} command={command} about={about} />
          ))}
          <h2>
            Checkpoints <span class="quiet">{checkpoints.length}</span>
          </h2>
          <p>
            {checkpoints.length === 0
              ? 'None.'
              : checkpoints.map(({ step, bytes }) => `step ${step} (${formatBytes(bytes)})`).join(' · ')}
          </p>
        </section>
        <section>
          <h2>run.yaml</h2>
          {yaml === null ? <Empty title="It cannot be read" /> : <CopyText text={yaml} label="run.yaml" />}
          {manifest && (
            <>
              <h2>Made with</h2>
              <Pairs pairs={Object.entries({ seed: String(manifest.seed), ...manifest.versions })} />
              {Object.keys(manifest.dataHashes).length > 0 && (
                <>
                  <h2>What was read, sha256</h2>
                  <Pairs pairs={Object.entries(manifest.dataHashes)} />
                </>
              )}
            </>
          )}
        </section>
      </div>
      <h2>
        Files <span class="quiet">{counted(files.length + moreFiles, 'file')}</span>
      </h2>
      <FileTable run={summary.run} files={files} />
      {moreFiles > 0 && <p class="quiet">{counted(moreFiles, 'file')} more in the folder.</p>}
    </section>
  );
}

function Command({
  title,
  command,
  about,
}: {
  readonly title: string;
  readonly command: string;
  readonly about: string;
}) {
  return (
    <div class="command">
      <h3>{title}</h3>
      <CopyText text={command} label={title} />
      <p class="quiet">{about}</p>
    </div>
  );
}

/** Text as it is, and a button that copies it. */
function CopyText({ text, label }: { readonly text: string; readonly label: string }) {
  const [said, setSaid] = useState('Copy');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('Select and copy');
    }
    setTimeout(() => setSaid('Copy'), 1500);
  };
  return (
    <div class="copy-text">
      <pre>{text}</pre>
      <button type="button" aria-label={`Copy: ${label}`} onClick={() => void copy()}>
        {said}
      </button>
    </div>
  );
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }) {
  return (
    <dl class="pairs">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function FileTable({ run, files }: { readonly run: string; readonly files: readonly RawFile[] }) {
  return (
    <table class="grid file-table">
      <tbody>
        {files.map(({ path, bytes }) => (
          <tr key={path}>
            <th scope="row">
              <a href={routes.file(run, path)} download>
                {path}
              </a>
            </th>
            <td class="number">{formatBytes(bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
