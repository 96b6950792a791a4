import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../client/api.ts';
import { cardQuery } from '../client/card.ts';
import { ProblemNotice } from '../components/ProblemNotice.tsx';

interface Props {
  /** `save` before there is a connection, `replace` while there is one. */
  readonly mode: 'save' | 'replace';
  readonly submitLabel: string;
  readonly onSaved: () => void;
  readonly onCancel?: () => void;
}

/** Client ID and secret. The secret leaves this form once, and is forgotten here when it is saved. */
export function CredentialsForm({ mode, submitLabel, onSaved, onCancel }: Props) {
  const { t } = useTranslation('wizard');
  const common = useTranslation().t;
  const queries = useQueryClient();
  const [clientId, setClientId] = useState('');
  const [clientSecret, setClientSecret] = useState('');
  const [checked, setChecked] = useState(false);

  const saving = useMutation({
    mutationFn: async () => {
      const body = { clientId: clientId.trim(), clientSecret: clientSecret.trim() };
      return mode === 'save'
        ? await answerOf(api.PUT('/api/integrations/factorial/credentials', { body }))
        : await answerOf(api.POST('/api/integrations/factorial/credentials/replace', { body }));
    },
    onSuccess: (card) => {
      queries.setQueryData(cardQuery.queryKey, card);
      setClientSecret('');
      onSaved();
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setChecked(true);
    const wrong = clientId.trim() === '' ? 'clientId' : clientSecret.trim() === '' ? 'clientSecret' : null;
    if (wrong === null) saving.mutate();
    else event.currentTarget.querySelector<HTMLInputElement>(`[name="${wrong}"]`)?.focus();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md" maw={520}>
        <TextInput
          name="clientId"
          label={t('credentials.clientId')}
          value={clientId}
          onChange={({ currentTarget }) => setClientId(currentTarget.value)}
          error={checked && clientId.trim() === '' ? t('credentials.clientIdMissing') : null}
          required
          maxLength={500}
          autoComplete="off"
          spellCheck={false}
        />
        <PasswordInput
          name="clientSecret"
          label={t('credentials.clientSecret')}
          description={t('credentials.clientSecretHint')}
          value={clientSecret}
          onChange={({ currentTarget }) => setClientSecret(currentTarget.value)}
          error={checked && clientSecret.trim() === '' ? t('credentials.clientSecretMissing') : null}
          required
          maxLength={500}
          autoComplete="new-password"
        />
        <ProblemNotice error={saving.error} />
        <Group>
          <Button type="submit" loading={saving.isPending}>
            {submitLabel}
          </Button>
          {onCancel === undefined ? null : (
            <Button variant="default" onClick={onCancel}>
              {common('cancel')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
