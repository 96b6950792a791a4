import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Explanation } from '../../client/types.ts';
import { ColorMark } from '../../components/ColorMark.tsx';
import { useDayTypeName } from '../../components/day-type-name.ts';
import { SupportDetails } from '../../components/SupportDetails.tsx';
import { useFormat } from '../../format.ts';

type Claim = Explanation['claims'][number];

/** Reasons that a stored absence has for not counting on a day. */
const knownReasons = [
  'pending',
  'rejected',
  'to_be_mapped',
  'type_ignored',
  'unknown_value',
  'nothing_planned',
  'no_free_time',
] as const;

/** The chain of evidence of a day: the plan, what took time of it, what did not count, and what a person set. */
export function Evidence({ why }: { why: Explanation }) {
  const { t } = useTranslation('calendar');
  const { dateTime, duration } = useFormat();
  const { planned, claims, ignored, manualEdit } = why;
  return (
    <ol className="evidence">
      <Step
        title={t('why.planned', { hours: duration(Math.round(planned.minutes)) })}
        text={t(`why.origin.${planned.origin}`)}
        meta={planned.readAt === null ? null : t('why.read', { at: dateTime(planned.readAt) })}
      />
      {claims.map((claim) => (
        <ClaimStep key={`${claim.kind}/${claim.factorialId}`} claim={claim} planned={planned.minutes} />
      ))}
      {ignored.map(({ factorialId, reason }) => {
        const known = knownReasons.find((one) => one === reason);
        return (
          <Step
            key={`ignored/${factorialId}`}
            title={t('why.ignored')}
            text={known === undefined ? reason : t(`why.reason.${known}`)}
          >
            <SupportDetails rows={[[t('why.factorialId'), factorialId]]} />
          </Step>
        );
      })}
      {manualEdit === null ? null : (
        <Step
          title={t('why.edit', { hours: duration(manualEdit.expectedMinutes) })}
          text={t('why.editText')}
          meta={t('why.editMeta', { by: manualEdit.by, at: dateTime(manualEdit.at) })}
        >
          {manualEdit.note === null ? null : (
            <Text size="sm" className="day-note">
              {manualEdit.note}
            </Text>
          )}
        </Step>
      )}
    </ol>
  );
}

function ClaimStep({ claim, planned }: { claim: Claim; planned: number }) {
  const { t } = useTranslation('calendar');
  const { dateTime, duration, number } = useFormat();
  const nameOf = useDayTypeName();
  const { kind, factorialId, share, minutes, dayType, mappingVersion, readAt, via, workflowId, runId } =
    claim;
  const meta = [
    mappingVersion === null ? null : t('why.mapping', { version: number(mappingVersion) }),
    readAt === null ? null : t('why.read', { at: dateTime(readAt) }),
    via === null ? null : t(`why.via.${via.type}`),
  ].filter((part) => part !== null);
  return (
    <Step
      title={
        <Group component="span" gap={6} wrap="nowrap">
          <ColorMark color={dayType.color} />
          <span>
            {t(`why.kind.${kind}`)}: {nameOf(dayType)}
          </span>
        </Group>
      }
      text={t('why.takes', {
        taken: share === 1 ? t('why.wholeDay') : duration(Math.round(share * planned)),
        hours: duration(Math.round(minutes)),
      })}
      meta={meta.join(' · ')}
    >
      <SupportDetails
        rows={[
          [t('why.factorialId'), factorialId],
          ...(via === null ? [] : [[t(`why.viaId.${via.type}`), via.id] as const]),
          [t('why.workflow'), workflowId],
          [t('why.run'), runId],
        ]}
      />
    </Step>
  );
}

interface StepProps {
  readonly title: ReactNode;
  readonly text: string;
  readonly meta?: string | null;
  readonly children?: ReactNode;
}

function Step({ title, text, meta = null, children }: StepProps) {
  return (
    <li>
      <Text size="sm" fw={600} component="div">
        {title}
      </Text>
      <Text size="sm">{text}</Text>
      {meta === null || meta === '' ? null : (
        <Text size="xs" c="dimmed">
          {meta}
        </Text>
      )}
      {children}
    </li>
  );
}
