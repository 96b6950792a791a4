import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { isProblem } from '../client/problem.ts';
import type { Card } from '../client/types.ts';
import { ProblemNotice } from '../components/ProblemNotice.tsx';
import { WarningList } from '../components/WarningList.tsx';
import { isUnderWay } from './authorization-flow.ts';
import { AuthorizationProgress } from './AuthorizationProgress.tsx';
import { useAuthorization } from './use-authorization.ts';

/** Warnings that the course of this very authorization says by itself. */
const saidAlready: Partial<Record<string, string>> = {
  denied: 'authorization_denied',
  expired: 'authorization_expired',
};

/** For whom the authorization is asked for. `usual`: as the service is set up. */
const tokenOwners = ['usual', 'company', 'user'] as const;
type TokenOwner = (typeof tokenOwners)[number];

/** Where the account is in Factorial, and the popup. */
export function ConnectStep({ card, onChangeCredentials }: { card: Card; onChangeCredentials: () => void }) {
  const { t } = useTranslation('wizard');
  const problems = useTranslation('problems').t;
  const [apiHost, setApiHost] = useState(card.apiHost);
  const [tokenOwner, setTokenOwner] = useState<TokenOwner>('usual');
  const [confirmCompanyChange, setConfirmCompanyChange] = useState(false);
  const { flow, start, error, bringToFront } = useAuthorization('connect');

  const isUrlWrong = isProblem(error, 'factorial_url_invalid') && flow.phase === 'idle';
  const isBusy = flow.phase === 'starting' || flow.phase === 'received';
  const isElsewhere = flow.phase === 'idle' && card.status === 'authorizing';
  const isOtherCompany = card.warnings.some(({ code }) => code === 'other_company');
  const said = flow.phase === 'ended' ? saidAlready[flow.how] : undefined;
  const warnings = isUnderWay(flow) ? [] : card.warnings.filter(({ code }) => code !== said);

  const connect = (): void =>
    start({
      apiHost: apiHost.trim(),
      ...(tokenOwner === 'usual' ? {} : { tokenOwner }),
      ...(isOtherCompany ? { confirmCompanyChange } : {}),
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    connect();
  };

  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Text>{t('connect.lead')}</Text>
        <Text c="dimmed" size="sm">
          {t('connect.readOnly')}
        </Text>
      </Stack>
      <WarningList warnings={warnings} card={card} onConnect={connect} />
      <form onSubmit={submit} noValidate>
        <Stack gap="md" maw={520}>
          <TextInput
            id="factorial-url"
            name="apiHost"
            type="url"
            label={t('connect.url')}
            description={t('connect.urlHint')}
            value={apiHost}
            onChange={({ currentTarget }) => setApiHost(currentTarget.value)}
            error={isUrlWrong ? problems('factorial_url_invalid') : null}
            maxLength={300}
            autoComplete="off"
            spellCheck={false}
          />
          <NativeSelect
            label={t('connect.owner')}
            description={t(`connect.ownerHint.${tokenOwner}`)}
            value={tokenOwner}
            data={tokenOwners.map((value) => ({ value, label: t(`connect.owners.${value}`) }))}
            onChange={({ currentTarget }) =>
              setTokenOwner(tokenOwners.find((one) => one === currentTarget.value) ?? 'usual')
            }
          />
          {isOtherCompany ? (
            <Checkbox
              label={t('connect.confirmCompany')}
              checked={confirmCompanyChange}
              onChange={({ currentTarget }) => setConfirmCompanyChange(currentTarget.checked)}
            />
          ) : null}
          {isUrlWrong || flow.phase !== 'idle' ? null : <ProblemNotice error={error} />}
          {isElsewhere ? (
            <Text size="sm" c="dimmed">
              {t('connect.elsewhere')}
            </Text>
          ) : null}
          <Group>
            <Button type="submit" loading={isBusy}>
              {t(flow.phase === 'idle' || isBusy ? 'connect.button' : 'connect.again')}
            </Button>
            <Button variant="subtle" onClick={onChangeCredentials}>
              {t('connect.changeCredentials')}
            </Button>
          </Group>
        </Stack>
      </form>
      <AuthorizationProgress flow={flow} redirectUri={card.redirectUri} onBringToFront={bringToFront} />
    </Stack>
  );
}
