import { Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Something waits for a person: what it is, and what stays undone until then. */
export function WaitingNotice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="waiting-notice with-mark" aria-label={title}>
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <Text size="sm" fw={650}>
          {title}
        </Text>
        {children}
      </div>
    </section>
  );
}
