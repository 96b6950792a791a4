import { Button, Group, List, Modal, Progress, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  useCancelReplay,
  useReplay,
  useReplayItems,
  useReplayPreview,
  useStartReplay,
  type ReplayFilter,
} from '../../client/replays.ts';
import { LoadingRows } from '../../components/LoadingRows.tsx';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { SupportDetails } from '../../components/SupportDetails.tsx';
import { useReturnFocus } from '../../components/use-return-focus.ts';
import { useFailureText } from './failure-text.ts';

/** Tries failures again: what it will take first, then how far it is and what came of each. */
export function ReplayDialog({ filter, onClose }: { filter: ReplayFilter; onClose: () => void }) {
  useReturnFocus();
  const { t } = useTranslation('activity');
  const { t: common } = useTranslation();
  const [replayId, setReplayId] = useState<string | null>(null);
  return (
    <Modal
      opened
      onClose={onClose}
      centered
      title={t('replay.title')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      {replayId === null ? (
        <ReplayQuestion filter={filter} onStarted={setReplayId} onClose={onClose} />
      ) : (
        <ReplayReport id={replayId} onClose={onClose} />
      )}
    </Modal>
  );
}

interface ReplayQuestionProps {
  readonly filter: ReplayFilter;
  readonly onStarted: (replayId: string) => void;
  readonly onClose: () => void;
}

function ReplayQuestion({ filter, onStarted, onClose }: ReplayQuestionProps) {
  const { t } = useTranslation('activity');
  const { t: common } = useTranslation();
  const { reasonOf, resourceOf } = useFailureText();
  const preview = useReplayPreview(filter);
  const start = useStartReplay();
  const count = preview.data?.count ?? 0;
  const sample = preview.data?.sample ?? [];
  return (
    <Stack gap="md">
      <ProblemNotice error={preview.error} onRetry={() => void preview.refetch()} />
      {preview.data === undefined ? (
        preview.error === null ? (
          <LoadingRows rows={3} height={24} />
        ) : null
      ) : (
        <>
          <Text size="sm">{count === 0 ? t('replay.nothing') : t('replay.text', { count })}</Text>
          {sample.length === 0 ? null : (
            <List size="sm">
              {sample.map(({ id, resource, factorialId, code }) => (
                <List.Item key={id}>
                  {resourceOf(resource)} {factorialId}: {reasonOf(code)}
                </List.Item>
              ))}
              {count > sample.length ? (
                <List.Item>{t('replay.others', { count: count - sample.length })}</List.Item>
              ) : null}
            </List>
          )}
        </>
      )}
      <ProblemNotice error={start.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {common('cancel')}
        </Button>
        <Button
          disabled={count === 0}
          loading={start.isPending}
          onClick={() => start.mutate(filter, { onSuccess: onStarted })}
        >
          {t('replay.action', { count })}
        </Button>
      </Group>
    </Stack>
  );
}

function ReplayReport({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation('activity');
  const { t: common } = useTranslation();
  const { reasonOf } = useFailureText();
  const replay = useReplay(id);
  const items = useReplayItems(id);
  const cancel = useCancelReplay(id);
  if (replay.data === undefined)
    return replay.error === null ? (
      <LoadingRows rows={3} height={24} />
    ) : (
      <ProblemNotice error={replay.error} onRetry={() => void replay.refetch()} />
    );
  const { status, count, done, succeeded, failed, finishedAt } = replay.data;
  const isOver = finishedAt !== null;
  const failedAgain = items.items.filter(({ outcome }) => outcome === 'failed');
  return (
    <Stack gap="md">
      <Progress value={(100 * done) / Math.max(count, 1)} aria-label={t('replay.title')} animated={!isOver} />
      <div role="status">
        <Text size="sm" fw={600}>
          {t(`replay.status.${status}`)}
        </Text>
        <Text size="sm">{t('replay.progress', { done, count, succeeded, failed })}</Text>
      </div>
      {failedAgain.length === 0 ? null : (
        <List size="sm">
          {failedAgain.map(({ failureId, code, message }) => (
            <List.Item key={failureId}>
              {code === null ? message : reasonOf(code)}
              {code === null ? null : <SupportDetails rows={[[t('failures.message'), message]]} />}
            </List.Item>
          ))}
        </List>
      )}
      <ProblemNotice error={cancel.error} />
      <Group justify="flex-end">
        {isOver ? null : (
          <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('replay.cancel')}
          </Button>
        )}
        <Button onClick={onClose}>{common('close')}</Button>
      </Group>
    </Stack>
  );
}
