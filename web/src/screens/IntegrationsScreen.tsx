import { ActionIcon, Avatar, Button, Group, Stack, Text, Title, Tooltip } from '@mantine/core';
import { IconSettings } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCard } from '../client/card.ts';
import { isProblem } from '../client/problem.ts';
import type { Card } from '../client/types.ts';
import { CardProblem } from '../components/CardProblem.tsx';
import { ConnectionStanding, StatusBadge } from '../components/ConnectionStanding.tsx';
import { EmptyState } from '../components/EmptyState.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { PageHeading } from '../components/PageHeading.tsx';
import { WarningList } from '../components/WarningList.tsx';
import { paths } from '../paths.ts';

/** Settings → Integrations: a card for each integration that the account has. */
export function IntegrationsScreen() {
  const { t } = useTranslation('integrations');
  const common = useTranslation().t;
  return (
    <>
      <PageHeading steps={[{ label: common('settings') }, { label: common('integrations') }]} />
      <Text c="dimmed" mt={-8}>
        {t('lead')}
      </Text>
      <Integrations />
    </>
  );
}

function Integrations() {
  const { t } = useTranslation('integrations');
  const { data: card, error } = useCard();
  if (isProblem(error, 'feature_missing'))
    return <EmptyState title={t('none.title')} text={t('none.text')} />;
  return (
    <>
      <CardProblem />
      {card === undefined ? null : <FactorialCard card={card} />}
      {card === undefined && error === null ? <LoadingRows rows={1} height={140} /> : null}
    </>
  );
}

function FactorialCard({ card }: { card: Card }) {
  const { t } = useTranslation('integrations');
  const common = useTranslation().t;
  return (
    <article className="surface" aria-labelledby="factorial-name">
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Group gap="md" align="flex-start" className="grows">
            <Avatar color="accent" radius="md" aria-hidden>
              F
            </Avatar>
            <div className="grows">
              <Group gap="sm">
                <Title order={2} size="h4" id="factorial-name">
                  {common('factorial')}
                </Title>
                <StatusBadge status={card.status} />
              </Group>
              <Text size="sm" c="dimmed">
                {t('description')}
              </Text>
            </div>
          </Group>
          <Tooltip label={t('openSettings')}>
            <ActionIcon
              component={Link}
              href={paths.settings('settings')}
              variant="default"
              size="lg"
              aria-label={t('openSettings')}
            >
              <IconSettings size={20} />
            </ActionIcon>
          </Tooltip>
        </Group>
        <ConnectionStanding card={card} />
        <Waiting card={card} />
        <WarningList warnings={card.warnings} card={card} />
        <NextStep status={card.status} />
      </Stack>
    </article>
  );
}

/** What waits for the admin, with the way there. */
function Waiting({ card: { status, unlinked, parked } }: { card: Card }) {
  const { t } = useTranslation('integrations');
  if (status !== 'connected' && status !== 'expired') return null;
  if (unlinked.employees === 0 && parked.absences === 0) return null;
  return (
    <Group gap="0.25rem 1.25rem">
      {unlinked.employees === 0 ? null : (
        <Link href={paths.settings('employees')} className="quiet-link">
          {t('waiting.employees', { count: unlinked.employees })}
        </Link>
      )}
      {parked.absences === 0 ? null : (
        <Link href={paths.settings('day-types')} className="quiet-link">
          {t('waiting.absences', { count: parked.absences })}
        </Link>
      )}
    </Group>
  );
}

function NextStep({ status }: { status: Card['status'] }) {
  const { t } = useTranslation('integrations');
  if (status === 'connected' || status === 'expired') return null;
  const begun = status === 'pending' || status === 'authorizing';
  return (
    <div>
      <Button component={Link} href={paths.wizard}>
        {t(begun ? 'goOn' : 'connect')}
      </Button>
    </div>
  );
}
