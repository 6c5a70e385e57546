"""Tests of the whole: real processes of server and desktops, counted by the separate reader."""
