import { Button, Switch, Text, ThemeIcon } from '@mantine/core';
import {
  IconArrowsExchange,
  IconPlugConnected,
  IconRefresh,
  IconUser,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useActivity, useOlderActivity } from '../../client/activity.ts';
import { verbOf } from '../../client/known-sentences.ts';
import type { ActivityEntry } from '../../client/types.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { Section } from '../../components/Section.tsx';
import { useFormat } from '../../format.ts';
import type { activity as english } from '../../texts/en/activity.ts';

const icons: Record<ActivityEntry['kind'], Icon> = {
  delivery: IconWebhook,
  sync: IconArrowsExchange,
  reconciliation: IconRefresh,
  connection: IconPlugConnected,
  person: IconUser,
};

/** What has happened, newest first, and what happens now. */
export function FeedSection() {
  const { t } = useTranslation('activity');
  const [isLive, setLive] = useState(true);
  const { data, error, refetch } = useActivity(isLive);
  const older = useOlderActivity();
  const cursor = data?.nextCursor ?? null;
  return (
    <Section title={t('feed.title')}>
      <Switch
        label={t('feed.live')}
        checked={isLive}
        onChange={({ currentTarget }) => setLive(currentTarget.checked)}
      />
      <ProblemNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null ? <LoadingRows rows={6} /> : null}
      {data?.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('feed.none')}
        </Text>
      ) : null}
      {data === undefined ? null : (
        <ol className="plain-list divided-list" aria-live="polite" aria-relevant="additions">
          {data.items.map((entry) => (
            <FeedEntry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      <ProblemNotice error={older.error} />
      {cursor === null ? null : (
        <Button
          variant="default"
          size="sm"
          w="fit-content"
          loading={older.isPending}
          onClick={() => older.mutate(cursor)}
        >
          {t('feed.older')}
        </Button>
      )}
    </Section>
  );
}

function FeedEntry({ entry }: { entry: ActivityEntry }) {
  const { t } = useTranslation('activity');
  const { dateTime, number } = useFormat();
  const told = useToldText();
  const { at, kind, count } = entry;
  const Sign = icons[kind];
  return (
    <li className="with-mark">
      <ThemeIcon variant="default" size="md" radius="xl">
        <Sign size={16} aria-hidden />
      </ThemeIcon>
      <div>
        <Text size="sm">
          {told(entry)}
          {count === 1 ? '' : ` (${number(count)})`}
        </Text>
        <Text size="xs" c="dimmed">
          {t(`feed.kind.${kind}`)} · {dateTime(at)}
        </Text>
      </div>
    </li>
  );
}

type Told = typeof english.told;
type ToldKey = { [Kind in keyof Told]: `told.${Kind}.${keyof Told[Kind] & string}` }[keyof Told];

const operatorOutcomes = ['done', 'refused', 'failed'];

/** What an entry tells, by its kind and outcome; the API's sentence where it is a new one. */
function useToldText(): (entry: ActivityEntry) => string {
  const { t, i18n } = useTranslation('activity');
  const isToldKey = (key: string): key is ToldKey => i18n.exists(key, { ns: 'activity' });
  return ({ kind, outcome, summary }) => {
    const key = `told.${kind}.${outcome}`;
    if (!isToldKey(key)) return summary;
    if (kind !== 'person' || !operatorOutcomes.includes(outcome)) return t(key);
    // What came of it the API tells in English only.
    const verb = verbOf(summary);
    return `${t(key)} (${verb === null || i18n.language === 'en' ? summary : t(`verbs.${verb}`)})`;
  };
}
