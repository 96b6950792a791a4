import { Alert, Button, Group, List, Modal, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconUsers } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { employeesKey, forgetWhatLinksChange, linkMany, type Link } from '../../client/employees.ts';
import { ApiProblem } from '../../client/problem.ts';
import type { Employee, LinksResult } from '../../client/types.ts';
import { ProblemNotice } from '../../components/ProblemNotice.tsx';
import { useProblemText } from '../../components/problem-text.ts';

/** How far accepting them all has come. */
interface Run {
  readonly total: number;
  readonly done: number;
  readonly linked: number;
  readonly refused: LinksResult['refused'];
  readonly state: 'running' | 'ended' | 'stopped';
  readonly error: unknown;
}

/** Links sent at once: small enough that the bar moves. */
const batchSize = 100;

export interface AcceptAllProps {
  readonly links: readonly Link[];
  readonly employees: readonly Employee[];
  readonly isComplete: boolean;
}

/** How many can be linked by their e-mail, and all of them with one word. */
export function AcceptAll({ links, employees, isComplete }: AcceptAllProps) {
  const { t } = useTranslation('employees');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const [opened, setOpened] = useState(false);
  const [run, setRun] = useState<Run | null>(null);
  const stopAsked = useRef(false);
  const isRunning = run?.state === 'running';

  async function acceptAll(): Promise<void> {
    const todo = [...links];
    stopAsked.current = false;
    let now: Run = { total: todo.length, done: 0, linked: 0, refused: [], state: 'running', error: null };
    setRun(now);
    try {
      while (now.done < todo.length && !stopAsked.current) {
        const batch = todo.slice(now.done, now.done + batchSize);
        const { linked, refused } = await linkMany(batch);
        now = {
          ...now,
          done: now.done + batch.length,
          linked: now.linked + linked,
          refused: [...now.refused, ...refused],
        };
        setRun(now);
      }
      setRun({ ...now, state: now.done < todo.length ? 'stopped' : 'ended' });
    } catch (error) {
      setRun({ ...now, state: 'stopped', error });
    }
    forgetWhatLinksChange(client);
    void client.invalidateQueries({ queryKey: employeesKey });
  }

  function close(): void {
    if (isRunning) return;
    setOpened(false);
    setRun(null);
  }

  return (
    <>
      {links.length === 0 ? null : (
        <Alert icon={<IconUsers aria-hidden />} variant="light">
          <Group justify="space-between" gap="sm">
            <Text size="sm">{t('suggestions', { count: links.length })}</Text>
            <Button size="sm" disabled={!isComplete} onClick={() => setOpened(true)}>
              {t('acceptAll.open')}
            </Button>
          </Group>
        </Alert>
      )}
      <Modal
        opened={opened}
        onClose={close}
        title={t('acceptAll.title')}
        centered
        withCloseButton={!isRunning}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Stack gap="md">
          {run === null ? (
            <Text size="sm">{t('acceptAll.text', { count: links.length })}</Text>
          ) : (
            <RunReport run={run} employees={employees} onRetry={() => void acceptAll()} />
          )}
          <Group justify="flex-end">
            {run === null ? (
              <>
                <Button variant="default" onClick={close} data-autofocus>
                  {common('cancel')}
                </Button>
                <Button onClick={() => void acceptAll()}>
                  {t('acceptAll.confirm', { count: links.length })}
                </Button>
              </>
            ) : null}
            {isRunning ? (
              <Button variant="default" onClick={() => (stopAsked.current = true)}>
                {t('acceptAll.stop')}
              </Button>
            ) : null}
            {run !== null && !isRunning ? <Button onClick={close}>{common('close')}</Button> : null}
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

interface RunReportProps {
  readonly run: Run;
  readonly employees: readonly Employee[];
  readonly onRetry: () => void;
}

function RunReport({ run, employees, onRetry }: RunReportProps) {
  const { t } = useTranslation('employees');
  const textOf = useProblemText();
  const { total, done, linked, refused, state, error } = run;
  const nameOf = (id: string): string => employees.find(({ employeeId }) => employeeId === id)?.name ?? id;
  return (
    <>
      <Progress
        value={(100 * done) / Math.max(total, 1)}
        aria-label={t('acceptAll.title')}
        animated={state === 'running'}
      />
      <Text size="sm" role="status">
        {state === 'running'
          ? t('acceptAll.progress', { done, total })
          : t('acceptAll.result', { count: linked, total })}
      </Text>
      {state === 'stopped' && error === null ? <Text size="sm">{t('acceptAll.stopped')}</Text> : null}
      <ProblemNotice error={error} onRetry={onRetry} />
      {refused.length === 0 ? null : (
        <>
          <Text size="sm" fw={600}>
            {t('acceptAll.refused', { count: refused.length })}
          </Text>
          <List size="sm">
            {refused.map(({ employeeId, code, detail }) => (
              <List.Item key={employeeId}>
                {nameOf(employeeId)}: {textOf(new ApiProblem(code, detail)).text}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </>
  );
}
