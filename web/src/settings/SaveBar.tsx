import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Save and discard, for a form that knows whether anything has changed. */
export function SaveBar({
  isChanged,
  isValid = true,
  pending,
  onDiscard,
}: {
  isChanged: boolean;
  isValid?: boolean;
  pending: boolean;
  onDiscard: () => void;
}) {
  const { t } = useTranslation('settings');
  const common = useTranslation().t;
  return (
    <Group gap="md">
      <Button type="submit" disabled={!isChanged || !isValid} loading={pending}>
        {common('save')}
      </Button>
      {isChanged ? (
        <>
          <Button variant="subtle" onClick={onDiscard}>
            {t('discard')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('unsaved')}
          </Text>
        </>
      ) : null}
    </Group>
  );
}
