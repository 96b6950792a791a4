import { Alert, Anchor, Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { permissionsIn, refusalKeys } from '../client/known-sentences.ts';
import { useReconcileNow } from '../client/reconciliation.ts';
import type { Card, Warning } from '../client/types.ts';
import { useFormat } from '../format.ts';
import { paths } from '../paths.ts';
import { AuthorizationProgress } from '../steps/AuthorizationProgress.tsx';
import { useAuthorization, type AuthorizationInUse } from '../steps/use-authorization.ts';
import type { warnings as english } from '../texts/en/warnings.ts';
import { CopyField } from './CopyField.tsx';
import { ProblemNotice } from './ProblemNotice.tsx';

interface Props {
  readonly warnings: readonly Warning[];
  readonly card: Card;
  /** In the wizard: starts the popup from here. */
  readonly onConnect?: () => void;
}

/** What is wrong with the connection: each with its cause, since when, and the one thing to do, as a button that does it. */
export function WarningList({ warnings, card, onConnect }: Props) {
  const { t } = useTranslation('warnings');
  // Here, and not with the warning that asks for it: that goes when it has worked, and this says so.
  const reauthorization = useAuthorization('reauthorize');
  const { flow, error, bringToFront } = reauthorization;
  if (warnings.length === 0 && flow.phase === 'idle') return null;
  return (
    <Stack component="section" gap="sm" aria-label={t('region')}>
      {warnings.map((warning) => (
        <WarningItem
          key={warning.code}
          warning={warning}
          card={card}
          reauthorization={reauthorization}
          {...(onConnect === undefined ? {} : { onConnect })}
        />
      ))}
      <ProblemNotice error={error} />
      <AuthorizationProgress flow={flow} redirectUri={card.redirectUri} onBringToFront={bringToFront} />
    </Stack>
  );
}

interface ItemProps extends Omit<Props, 'warnings'> {
  readonly reauthorization: AuthorizationInUse;
}

function WarningItem({ warning, ...props }: ItemProps & { warning: Warning }) {
  const { t } = useTranslation('warnings');
  const format = useFormat();
  const text = useWarningText();
  const { code, since, action } = warning;
  const isSerious = serious.includes(code);
  return (
    <Alert
      color={isSerious ? 'red' : 'yellow'}
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={text(warning)}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('since', { at: format.dateTime(since) })}
        </Text>
        <Action code={action.code} {...props} />
      </Stack>
    </Alert>
  );
}

/** Without an admin, nothing goes on. */
const serious = ['connection_expired', 'credentials_invalid', 'scopes_missing', 'administrator_needed'];
const supportUrl = 'https://help.workmeter.com';

type KnownCode = keyof typeof english.message;

/** The API's sentence may say more than ours: where the screen speaks English too, it is shown as it is. */
function useWarningText(): (warning: Warning) => string {
  const { t, i18n } = useTranslation('warnings');
  const format = useFormat();
  const isKnown = (code: string): code is KnownCode => i18n.exists(`warnings:message.${code}`);
  return ({ code, message }) => {
    if (i18n.language === 'en') return message;
    if (!isKnown(code)) return `${t('other')} (${message})`;
    const permissions = format.list(permissionsIn(message));
    const sentence = t(`message.${code}`, { permissions });
    const more = detailOf(code, message);
    return more === null ? sentence : `${sentence} (${more})`;
  };

  /** What the API's sentence says beyond ours: why a command was refused, how many subscriptions were left behind. */
  function detailOf(code: KnownCode, message: string): string | null {
    if (code === 'subscriptions_left_behind') return /^\d+/.exec(message)?.[0] ?? null;
    if (code !== 'command_refused') return null;
    const refusal = refusalKeys.get(message);
    return refusal === undefined ? message : t(`refusal.${refusal}`);
  }
}

/** The one thing to do about a warning. */
function Action({ code, card, reauthorization, onConnect }: ItemProps & { code: string }) {
  const { t } = useTranslation('warnings');
  const [, navigate] = useLocation();
  const isConnected = card.status === 'connected' || card.status === 'expired';
  const settings = paths.settings('settings');
  switch (code) {
    case 'wait':
      return <Text size="sm">{t('action.wait')}</Text>;
    case 'reconcile':
      return <ReconcileAction />;
    case 'compare_redirect_uri':
      return <CompareAction redirectUri={card.redirectUri} />;
    case 'contact_support':
      return (
        <Anchor href={supportUrl} target="_blank" rel="noopener noreferrer" underline="always" fw={600}>
          {t('action.contact_support')} <IconExternalLink size={14} aria-hidden />
        </Anchor>
      );
    case 'decide_deletions':
      return <Do label={t('action.decide_deletions')} on={() => navigate(paths.settings('activity'))} />;
    case 'replace_credentials':
      return (
        <Do
          label={t('action.replace_credentials')}
          on={() => navigate(isConnected ? `${settings}?replace` : `${paths.wizard}?credentials`)}
        />
      );
    case 'check_host':
      return (
        <Do
          label={t('action.check_host')}
          on={() => focusOr('factorial-url', () => navigate(isConnected ? settings : paths.wizard))}
        />
      );
    case 'reauthorize':
      // Before there is a connection, authorizing again is connecting.
      return isConnected ? (
        <Do
          label={t('action.reauthorize')}
          pending={reauthorization.flow.phase === 'starting'}
          on={() => reauthorization.start()}
        />
      ) : (
        <ConnectAction onConnect={onConnect} />
      );
    case 'connect':
      return <ConnectAction onConnect={onConnect} />;
    default:
      return <Do label={t('action.retry')} on={() => navigate(isConnected ? settings : paths.wizard)} />;
  }
}

function Do({ label, on, pending = false }: { label: string; on: () => void; pending?: boolean }) {
  return (
    <div>
      <Button size="compact-sm" variant="default" loading={pending} onClick={on}>
        {label}
      </Button>
    </div>
  );
}

function ConnectAction({ onConnect }: { onConnect: (() => void) | undefined }) {
  const { t } = useTranslation('warnings');
  const [, navigate] = useLocation();
  return <Do label={t('action.connect')} on={onConnect ?? (() => navigate(paths.wizard))} />;
}

function ReconcileAction() {
  const { t } = useTranslation('warnings');
  const asking = useReconcileNow();
  const ask = (): void =>
    asking.mutate(undefined, {
      onSuccess: () => void notifications.show({ message: t('reconcileAsked') }),
    });
  return (
    <Stack gap="sm">
      <Do label={t('action.reconcile')} pending={asking.isPending} on={ask} />
      <ProblemNotice error={asking.error} />
    </Stack>
  );
}

function CompareAction({ redirectUri }: { redirectUri: string }) {
  const { t } = useTranslation('warnings');
  const [opened, setOpened] = useState(false);
  if (!opened) return <Do label={t('action.compare_redirect_uri')} on={() => setOpened(true)} />;
  return <CopyField label={t('redirectUri')} description={t('redirectUriHint')} value={redirectUri} />;
}

function focusOr(id: string, otherwise: () => void): void {
  const element = document.querySelector<HTMLElement>(`#${id}`);
  if (element === null) otherwise();
  else element.focus();
}
