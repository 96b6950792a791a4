import { IconCheck } from '@tabler/icons-react';

/** Where one is in a row of steps. */
export function StepList({
  names,
  current,
  label,
}: {
  names: readonly string[];
  current: number;
  label: string;
}) {
  return (
    <ol className="plain-list steps" aria-label={label}>
      {names.map((name, index) => (
        <li
          key={name}
          className={index < current ? 'step step-done' : index === current ? 'step step-current' : 'step'}
          aria-current={index === current ? 'step' : undefined}
        >
          <span className="step-mark" aria-hidden>
            {index < current ? <IconCheck size={16} /> : index + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}
