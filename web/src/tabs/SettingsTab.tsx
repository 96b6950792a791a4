import { LoadingRows } from '../components/LoadingRows.tsx';

export function SettingsTab() {
  return <LoadingRows />;
}
