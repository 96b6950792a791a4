import { Button, List, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { answerOf, api } from '../client/api.ts';
import { ConfirmDialog } from '../components/ConfirmDialog.tsx';
import { Measure } from './Measure.tsx';

const kept = ['data', 'links', 'mappings', 'edits'] as const;
const deleted = ['credentials', 'token', 'webhooks'] as const;

/** Says what stays and what goes before it does it. */
export function Disconnect() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const [opened, setOpened] = useState(false);
  const disconnecting = useMutation({
    mutationFn: async () => await answerOf(api.POST('/api/integrations/factorial/disconnect', { body: {} })),
    onSuccess: async () => {
      setOpened(false);
      notifications.show({ message: t('disconnect.done') });
      await queries.invalidateQueries();
    },
  });
  return (
    <Measure title={t('disconnect.title')} text={t('disconnect.text')}>
      <div>
        <Button variant="outline" color="red" onClick={() => setOpened(true)}>
          {t('disconnect.button')}
        </Button>
      </div>
      <ConfirmDialog
        opened={opened}
        title={t('disconnect.dialogTitle')}
        confirmLabel={t('disconnect.button')}
        danger
        pending={disconnecting.isPending}
        error={disconnecting.error}
        onConfirm={() => disconnecting.mutate()}
        onClose={() => setOpened(false)}
      >
        <div>
          <Title order={3} size="h6" mb={4}>
            {t('disconnect.kept')}
          </Title>
          <List size="sm">
            {kept.map((item) => (
              <List.Item key={item}>{t(`disconnect.keptItems.${item}`)}</List.Item>
            ))}
          </List>
        </div>
        <div>
          <Title order={3} size="h6" mb={4}>
            {t('disconnect.deleted')}
          </Title>
          <List size="sm">
            {deleted.map((item) => (
              <List.Item key={item}>{t(`disconnect.deletedItems.${item}`)}</List.Item>
            ))}
          </List>
        </div>
        <Text size="sm">{t('disconnect.later')}</Text>
      </ConfirmDialog>
    </Measure>
  );
}
