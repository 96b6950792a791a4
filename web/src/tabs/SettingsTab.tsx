import { Stack } from '@mantine/core';
import { AccountSection } from '../settings/AccountSection.tsx';
import { ConnectionSection } from '../settings/ConnectionSection.tsx';
import { SynchronizationSection } from '../settings/SynchronizationSection.tsx';

/** The connection itself, how it synchronizes, and the account's time zone. */
export function SettingsTab() {
  return (
    <Stack gap="lg">
      <ConnectionSection />
      <SynchronizationSection />
      <AccountSection />
    </Stack>
  );
}
