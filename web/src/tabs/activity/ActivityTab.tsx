import { Stack } from '@mantine/core';
import './activity.css';
import { DeletionsWaiting } from './DeletionsWaiting.tsx';
import { FailuresSection } from './FailuresSection.tsx';
import { FeedSection } from './FeedSection.tsx';
import { ReconciliationsSection } from './ReconciliationsSection.tsx';

/** What the synchronization does, what went wrong, and what waits for a person. */
export function ActivityTab() {
  return (
    <Stack gap="md">
      <DeletionsWaiting />
      <div className="activity-columns">
        <Stack gap="md">
          <ReconciliationsSection />
          <FailuresSection />
        </Stack>
        <FeedSection />
      </div>
    </Stack>
  );
}
