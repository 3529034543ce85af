/** What happened to a run that a person should know about, newest first. */
import type { EventReply } from '../api.ts';
import { api } from './client.ts';
import { counted, formatTime } from './format.ts';
import { useReply } from './resource.ts';
import { changeQuery, runHref } from './router.ts';
import { Damage, Empty, Shown, tornEnd } from './states.tsx';
import type { RunViewProps } from './view.ts';

const LEVELS = ['fault', 'warning', 'note'] as const;
const SIGNS: Readonly<Record<EventReply['level'], string>> = { fault: '✕', warning: '!', note: 'i' };

export function EventsView({ run, query, change }: RunViewProps) {
  const { run: name, status } = run.summary;
  const events = useReply(api.events(name), change?.events);
  const level = LEVELS.find((each) => each === query['level']);
  return (
    <Shown resource={events} what="events">
      {(reply) => {
        const shown = reply.events.filter((event) => level === undefined || event.level === level).reverse();
        return (
          <section class="events" aria-label="Events">
            <Damage sentences={tornEnd('events.jsonl', reply, status === 'running')} />
            <div class="toolbar">
              <fieldset class="segments" aria-label="Level">
                <button
                  type="button"
                  aria-pressed={level === undefined}
                  onClick={() => changeQuery({ level: undefined })}
                >
                  every
                </button>
                {LEVELS.map((each) => (
                  <button
                    type="button"
                    key={each}
                    aria-pressed={level === each}
                    onClick={() => changeQuery({ level: each })}
                  >
                    {each}s
                  </button>
                ))}
              </fieldset>
              <span class="quiet">{counted(shown.length, 'event')}</span>
              {reply.omitted > 0 && <span class="quiet">{counted(reply.omitted, 'earlier one')} in the file</span>}
            </div>
            {shown.length === 0 ? (
              <Empty
                title={reply.events.length === 0 ? 'Nothing happened that anybody should know about' : `No ${level}s`}
              />
            ) : (
              <ol class="event-list">
                {shown.map((event, i) => (
                  <EventLine
                    key={`${event.unixSeconds} ${event.kind} ${i}`}
                    event={event}
                    run={name}
                    hasRollouts={run.rolloutSteps.includes(event.step)}
                  />
                ))}
              </ol>
            )}
          </section>
        );
      }}
    </Shown>
  );
}

function EventLine({
  event,
  run,
  hasRollouts,
}: {
  readonly event: EventReply;
  readonly run: string;
  readonly hasRollouts: boolean;
}) {
  const details = Object.entries(event.details);
  return (
    <li class={`event event-${event.level}`}>
      <span class="event-sign" role="img" aria-label={event.level}>
        {SIGNS[event.level]}
      </span>
      <span class="event-step">
        {hasRollouts ? (
          <a href={runHref(run, 'rollouts', { step: String(event.step) })} title="Rollouts of this step">
            step {event.step}
          </a>
        ) : (
          `step ${event.step}`
        )}
      </span>
      <span class="event-kind">{event.kind}</span>
      <span class="event-message">
        {event.message}
        {details.length > 0 && (
          <span class="event-details">
            {details.map(([key, value]) => (
              <code key={key}>
                {key} {typeof value === 'string' ? value : JSON.stringify(value)}
              </code>
            ))}
          </span>
        )}
      </span>
      <time class="event-time">{formatTime(event.unixSeconds)}</time>
    </li>
  );
}
