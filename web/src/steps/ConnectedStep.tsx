import { Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Card } from '../client/types.ts';
import { ConnectionStanding } from '../components/ConnectionStanding.tsx';
import { WarningList } from '../components/WarningList.tsx';
import { useFormat } from '../format.ts';
import { paths } from '../paths.ts';
import { FirstSynchronization } from './FirstSynchronization.tsx';

/** What the connection is, how far the first synchronization is, and what comes next. */
export function ConnectedStep({ card }: { card: Card }) {
  const { t } = useTranslation('wizard');
  const format = useFormat();
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        {card.connectedAt === null ? null : (
          <Text>{t('connected.since', { at: format.dateTime(card.connectedAt) })}</Text>
        )}
        <ConnectionStanding card={card} />
      </Stack>
      <WarningList warnings={card.warnings} card={card} />
      <FirstSynchronization card={card} />
      <section>
        <Text mb="sm">{t('connected.next')}</Text>
        <Group>
          <Button component={Link} href={paths.settings('employees')}>
            {t('connected.toEmployees')}
          </Button>
          <Button variant="default" component={Link} href={paths.settings('day-types')}>
            {t('connected.toDayTypes')}
          </Button>
        </Group>
      </section>
    </Stack>
  );
}
