const Settings = () => <h1>Settings</h1>

export default Settings
