import { Select, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../client/api.ts';
import { tenantQuery } from '../client/tenant.ts';
import type { Tenant } from '../client/types.ts';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { ProblemNotice } from '../components/ProblemNotice.tsx';
import { Section } from '../components/Section.tsx';
import { SaveBar } from './SaveBar.tsx';
import { createDraft } from './use-draft.ts';

const useTenantDraft = createDraft<Tenant>();

/** The account's time zone. Its name and language belong to WorkMeter and are sent back as they are. */
export function AccountSection() {
  const { t } = useTranslation('settings');
  const { data, error, refetch } = useQuery(tenantQuery);
  return (
    <Section title={t('account.title')}>
      {data !== undefined ? (
        <AccountForm stored={data} />
      ) : error === null ? (
        <LoadingRows rows={1} />
      ) : (
        <ProblemNotice error={error} onRetry={() => void refetch()} />
      )}
    </Section>
  );
}

function AccountForm({ stored }: { stored: Tenant }) {
  const { t } = useTranslation('settings');
  const common = useTranslation().t;
  const queries = useQueryClient();
  const { value, change, isChanged, discard } = useTenantDraft(stored);
  const saving = useMutation({
    mutationFn: async () => {
      const { name, timeZone, locale } = value;
      return await answerOf(api.PUT('/api/tenant', { body: { name, timeZone, locale } }));
    },
    onSuccess: (saved) => {
      queries.setQueryData(tenantQuery.queryKey, saved);
      discard();
      notifications.show({ message: common('saved') });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Select
          maw={320}
          label={t('account.timeZone')}
          description={t('account.timeZoneHint')}
          data={timeZones(stored.timeZone)}
          value={value.timeZone}
          onChange={(timeZone) => timeZone !== null && change({ timeZone })}
          searchable
          allowDeselect={false}
          limit={50}
          nothingFoundMessage={t('account.timeZoneNone')}
        />
        <ProblemNotice error={saving.error} />
        <SaveBar isChanged={isChanged} pending={saving.isPending} onDiscard={discard} />
      </Stack>
    </form>
  );
}

/** Those that the browser knows, and the account's own in any case. */
function timeZones(own: string): string[] {
  return [...new Set([own, ...Intl.supportedValuesOf('timeZone')])].toSorted();
}
