import { Alert, Anchor, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../components/CopyField.tsx';
import type { Flow } from './authorization-flow.ts';

interface Props {
  readonly flow: Flow;
  readonly redirectUri: string;
  readonly onBringToFront: () => void;
}

/** Says where an authorization in the other window stands. A screen reader hears each change. */
export function AuthorizationProgress({ flow, redirectUri, onBringToFront }: Props) {
  const { t } = useTranslation('wizard');
  return (
    <Stack gap="md" aria-live="polite">
      <Standing flow={flow} onBringToFront={onBringToFront} />
      {needsComparison(flow) ? (
        <Stack gap={4}>
          <Text size="sm">{t('flow.compare')}</Text>
          <CopyField label={t('credentials.redirectUri')} value={redirectUri} />
        </Stack>
      ) : null}
    </Stack>
  );
}

function Standing({ flow, onBringToFront }: Pick<Props, 'flow' | 'onBringToFront'>) {
  const { t } = useTranslation('wizard');
  switch (flow.phase) {
    case 'idle':
      return null;
    case 'starting':
      return <Busy text={t('flow.opening')} />;
    case 'checking':
      return <Busy text={t('flow.checking')} />;
    case 'received':
      return <Busy text={t('flow.received')} />;
    case 'done':
      return (
        <Alert
          color="green"
          variant="light"
          icon={<IconCheck aria-hidden />}
          title={t('flow.reauthorized')}
        />
      );
    case 'waiting':
      return flow.blocked ? (
        <Blocked url={flow.url} />
      ) : (
        <Group gap="md">
          <Busy text={t('flow.waiting')} />
          <Button size="compact-sm" variant="default" onClick={onBringToFront}>
            {t('flow.bringBack')}
          </Button>
        </Group>
      );
    case 'ended':
      return flow.how === 'refused' ? null : <Ended how={flow.how} />;
  }
}

function Busy({ text }: { text: string }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Loader size="sm" aria-hidden />
      <Text size="sm">{text}</Text>
    </Group>
  );
}

function Blocked({ url }: { url: string }) {
  const { t } = useTranslation('wizard');
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t('flow.blocked')}>
      <Text size="sm" mb="xs">
        {t('flow.blockedHint', { host: window.location.host })}
      </Text>
      <Anchor href={url} target="_blank" rel="noopener noreferrer" fw={600} underline="always">
        {t('flow.openPage')} <IconExternalLink size={14} aria-hidden />
      </Anchor>
    </Alert>
  );
}

function Ended({ how }: { how: 'closed' | 'expired' | 'denied' | 'unknown' }) {
  const { t } = useTranslation('wizard');
  const hint = how === 'unknown' ? t('flow.expiredHint') : t(`flow.${how}Hint`);
  return (
    <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t(`flow.${how}`)}>
      <Text size="sm">{hint}</Text>
    </Alert>
  );
}

/** A redirect URI that does not match leaves the admin in front of an error of Factorial, and us without a word. */
function needsComparison(flow: Flow): boolean {
  if (flow.phase === 'waiting') return flow.long;
  return flow.phase === 'checking' || (flow.phase === 'ended' && ['closed', 'expired'].includes(flow.how));
}
