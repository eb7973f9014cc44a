"""What pages of the hub share: assets, language and theme of the browser, the frame of a page without NiceGUI."""
